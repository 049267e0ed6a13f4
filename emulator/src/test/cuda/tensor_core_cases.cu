// Runs every kind of mma.sync and wmma.mma on a real GPU with random and nasty fragments, and writes
// what went in and what came out, bit for bit, to a file that HardwareCasesTest holds the emulator
// against. Also what wmma.load, ldmatrix and movmatrix put where.
//
//   nvcc -arch=sm_90a -O2 -o tensor_core_cases tensor_core_cases.cu
//   ./tensor_core_cases hopper-cases.bin
//
// Other devices: -arch=sm_80 -DARCH=80, or -arch=sm_89 -DARCH=89.
//
// File, little endian: "MMAC", version 1, compute capability (90), number of kinds; for each kind
// the length of its name and the name (the PTX instruction), words of a register (1 or 2), registers
// of A, B, C and D, number of cases; for each case the registers of A, B, C, D: [register][lane].

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#ifndef ARCH
#define ARCH 90
#endif

static const int LANES = 32;
static const int CASES = 66;

// ---- what goes in ----

static uint64_t state = 0x9e3779b97f4a7c15ull;

static uint64_t next() {
  uint64_t z = (state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

static unsigned below(unsigned limit) { return (unsigned)((next() >> 32) * limit >> 32); }

// Exponent and fraction bits of floats; width in bits. No exponent: integers.
struct Format {
  int width, exponent, fraction;
};

static const Format F16 = {16, 5, 10}, BF16 = {16, 8, 7}, TF32 = {32, 8, 10}, F32 = {32, 8, 23},
                    E4M3 = {8, 4, 3}, E5M2 = {8, 5, 2}, F64 = {64, 11, 52}, RAW = {32, 0, 0},
                    S32 = {32, 0, 32}, NONE = {0, 0, 0};

static uint64_t assemble(const Format& f, unsigned sign, uint64_t field, uint64_t fraction) {
  int unused = f.width - 1 - f.exponent - f.fraction;
  return ((uint64_t)sign << (f.width - 1)) | ((field << f.fraction | fraction) << unused);
}

// One element. The flavour is that of the whole case, so that each shows one difficulty.
static uint64_t element(const Format& f, int flavour, bool addend) {
  uint64_t raw = next();
  uint64_t fractions = (1ull << f.fraction) - 1;
  unsigned fields = (1u << f.exponent) - 1;
  unsigned bias = fields >> 1;
  unsigned sign = raw >> 63;
  uint64_t fraction = raw & fractions;
  switch (flavour) {
    case 0:  // near one another
      return assemble(f, sign, bias - below(3), fraction);
    case 1:  // a wide spread, no specials
      return assemble(f, sign, 1 + below(fields - 1), fraction);
    case 2:  // a spread as wide as alignment goes
      return assemble(f, sign, bias > 14 ? bias - 14 + below(28) : 1 + below(fields - 1), fraction);
    case 3: {  // few values, so that sums cancel to zero
      unsigned value = below(4);
      return value == 0 ? assemble(f, sign, 0, 0) : assemble(f, sign, bias + value - 2, 0);
    }
    case 4:  // zeros of both signs, and rarely one
      return below(24) == 0 ? assemble(f, sign, bias, 0) : assemble(f, sign, 0, 0);
    case 5:  // subnormal and barely normal
      return assemble(f, sign, below(3), fraction);
    case 6:  // overflow
      return assemble(f, sign, fields - 1 - below(addend ? 3 : 6), fraction);
    case 7: {  // now and then infinite or no number
      if (below(48) == 0) {
        return assemble(f, sign, fields, below(2) ? 0 : below(2) ? fractions : 1 + fraction % fractions);
      }
      return assemble(f, sign, bias - 2 + below(4), fraction);
    }
    case 8:  // infinities of one sign, and zeros
      return below(40) == 0 ? assemble(f, 0, fields, 0)
             : below(6) == 0 ? assemble(f, sign, 0, 0)
                             : assemble(f, 0, bias, fraction);
    case 9:  // any bits
      return f.width == 64 ? raw : raw & ((1ull << f.width) - 1);
    default:  // results at the edge of f32's subnormals
      return addend ? assemble(f, sign, below(12), fraction)
                    : assemble(f, sign, f.exponent == 8 ? 55 + below(14) : below(4), fraction);
  }
}

static const int FLAVOURS = 11;

static void registers(uint32_t* to, const Format& f, int count, int flavour, bool addend) {
  if (f.width == 64) {
    for (int i = 0; i < count * LANES; i++) {
      uint64_t value = element(f, flavour, addend);
      to[2 * i] = (uint32_t)value;
      to[2 * i + 1] = (uint32_t)(value >> 32);
    }
    return;
  }
  for (int i = 0; i < count * LANES; i++) {
    uint32_t word = 0;
    if (f.exponent == 0) {
      word = (uint32_t)next();
      if (addend && flavour % 3 == 1) word = 0x7fffffffu - below(40000);
      if (addend && flavour % 3 == 2) word = 0x80000000u + below(40000);
      // Equal signs, so that large addends do overflow.
      if (!addend && flavour % 2 == 1) word &= 0x77777777u;
    } else {
      for (int at = 0; at < 32; at += f.width) word |= (uint32_t)element(f, flavour, addend) << at;
    }
    to[i] = word;
  }
}

// ---- what is run ----

typedef unsigned U;

template <int COUNT>
static __device__ void take(U* to, const U* from) {
  for (int i = 0; i < COUNT; i++) to[i] = from[i * LANES + threadIdx.x];
}

template <int COUNT>
static __device__ void put(U* to, const U* from) {
  for (int i = 0; i < COUNT; i++) to[i * LANES + threadIdx.x] = from[i];
}

#define BEGIN(ID, NA, NB, NC, ND)                                     \
  static __global__ void ID(const U* in, U* out) {                    \
    U a[NA], b[NB], c[NC], d[ND];                                     \
    in += blockIdx.x * (NA + NB + NC) * LANES;                        \
    out += blockIdx.x * (ND)*LANES;                                   \
    take<NA>(a, in), take<NB>(b, in + NA * LANES), take<NC>(c, in + (NA + NB) * LANES);
#define END(ND)    \
  put<ND>(out, d); \
  }

#define IN1(x) "r"(x[0])
#define IN2(x) IN1(x), "r"(x[1])
#define IN4(x) IN2(x), "r"(x[2]), "r"(x[3])
#define IN8(x) IN4(x), "r"(x[4]), "r"(x[5]), "r"(x[6]), "r"(x[7])
#define OUT2(x) "=r"(x[0]), "=r"(x[1])
#define OUT4(x) OUT2(x), "=r"(x[2]), "=r"(x[3])
#define OUT8(x) OUT4(x), "=r"(x[4]), "=r"(x[5]), "=r"(x[6]), "=r"(x[7])

#define K4244(ID, NAME)                                                                        \
  BEGIN(ID, 4, 2, 4, 4)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%11,%12,%13};"               \
               : OUT4(d) : IN4(a), IN2(b), IN4(c));                                            \
  END(4)
#define K4222(ID, NAME)                                                                        \
  BEGIN(ID, 4, 2, 2, 2)                                                                        \
  asm volatile(NAME " {%0,%1}, {%2,%3,%4,%5}, {%6,%7}, {%8,%9};"                               \
               : OUT2(d) : IN4(a), IN2(b), IN2(c));                                            \
  END(2)
#define K2144(ID, NAME)                                                                        \
  BEGIN(ID, 2, 1, 4, 4)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3}, {%4,%5}, {%6}, {%7,%8,%9,%10};"                           \
               : OUT4(d) : IN2(a), IN1(b), IN4(c));                                            \
  END(4)
#define K2122(ID, NAME)                                                                        \
  BEGIN(ID, 2, 1, 2, 2)                                                                        \
  asm volatile(NAME " {%0,%1}, {%2,%3}, {%4}, {%5,%6};"                                        \
               : OUT2(d) : IN2(a), IN1(b), IN2(c));                                            \
  END(2)
#define K1122(ID, NAME)                                                                        \
  BEGIN(ID, 1, 1, 2, 2)                                                                        \
  asm volatile(NAME " {%0,%1}, {%2}, {%3}, {%4,%5};"                                           \
               : OUT2(d) : IN1(a), IN1(b), IN2(c));                                            \
  END(2)
#define K2288(ID, NAME)                                                                        \
  BEGIN(ID, 2, 2, 8, 8)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3,%4,%5,%6,%7}, {%8,%9}, {%10,%11}, "                         \
                    "{%12,%13,%14,%15,%16,%17,%18,%19};"                                       \
               : OUT8(d) : IN2(a), IN2(b), IN8(c));                                            \
  END(8)
#define K2248(ID, NAME)                                                                        \
  BEGIN(ID, 2, 2, 4, 8)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3,%4,%5,%6,%7}, {%8,%9}, {%10,%11}, {%12,%13,%14,%15};"       \
               : OUT8(d) : IN2(a), IN2(b), IN4(c));                                            \
  END(8)
#define K2244(ID, NAME)                                                                        \
  BEGIN(ID, 2, 2, 4, 4)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3}, {%4,%5}, {%6,%7}, {%8,%9,%10,%11};"                       \
               : OUT4(d) : IN2(a), IN2(b), IN4(c));                                            \
  END(4)
#define K4488(ID, NAME)                                                                        \
  BEGIN(ID, 4, 4, 8, 8)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3,%4,%5,%6,%7}, {%8,%9,%10,%11}, {%12,%13,%14,%15}, "         \
                    "{%16,%17,%18,%19,%20,%21,%22,%23};"                                       \
               : OUT8(d) : IN4(a), IN4(b), IN8(c));                                            \
  END(8)
#define K8888(ID, NAME)                                                                        \
  BEGIN(ID, 8, 8, 8, 8)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3,%4,%5,%6,%7}, {%8,%9,%10,%11,%12,%13,%14,%15}, "            \
                    "{%16,%17,%18,%19,%20,%21,%22,%23}, {%24,%25,%26,%27,%28,%29,%30,%31};"    \
               : OUT8(d) : IN8(a), IN8(b), IN8(c));                                            \
  END(8)
#define K8848(ID, NAME)                                                                        \
  BEGIN(ID, 8, 8, 4, 8)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3,%4,%5,%6,%7}, {%8,%9,%10,%11,%12,%13,%14,%15}, "            \
                    "{%16,%17,%18,%19,%20,%21,%22,%23}, {%24,%25,%26,%27};"                    \
               : OUT8(d) : IN8(a), IN8(b), IN4(c));                                            \
  END(8)
#define K8884(ID, NAME)                                                                        \
  BEGIN(ID, 8, 8, 8, 4)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3}, {%4,%5,%6,%7,%8,%9,%10,%11}, "                            \
                    "{%12,%13,%14,%15,%16,%17,%18,%19}, {%20,%21,%22,%23,%24,%25,%26,%27};"    \
               : OUT4(d) : IN8(a), IN8(b), IN8(c));                                            \
  END(4)
#define K8844(ID, NAME)                                                                        \
  BEGIN(ID, 8, 8, 4, 4)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3}, {%4,%5,%6,%7,%8,%9,%10,%11}, "                            \
                    "{%12,%13,%14,%15,%16,%17,%18,%19}, {%20,%21,%22,%23};"                    \
               : OUT4(d) : IN8(a), IN8(b), IN4(c));                                            \
  END(4)
#define K2888(ID, NAME)                                                                        \
  BEGIN(ID, 2, 8, 8, 8)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3,%4,%5,%6,%7}, {%8,%9}, "                                    \
                    "{%10,%11,%12,%13,%14,%15,%16,%17}, {%18,%19,%20,%21,%22,%23,%24,%25};"    \
               : OUT8(d) : IN2(a), IN8(b), IN8(c));                                            \
  END(8)
#define K8288(ID, NAME)                                                                        \
  BEGIN(ID, 8, 2, 8, 8)                                                                        \
  asm volatile(NAME " {%0,%1,%2,%3,%4,%5,%6,%7}, {%8,%9,%10,%11,%12,%13,%14,%15}, {%16,%17}, " \
                    "{%18,%19,%20,%21,%22,%23,%24,%25};"                                       \
               : OUT8(d) : IN8(a), IN2(b), IN8(c));                                            \
  END(8)

// f64: registers of two words, the lower first.
#define WIDE(ID, NAME, NA, NB, NC, OPERANDS, OUTS, INS)                                        \
  static __global__ void ID(const U* in, U* out) {                                             \
    double a[NA], b[NB], c[NC], d[NC];                                                         \
    const double* from = (const double*)in + blockIdx.x * (NA + NB + NC) * LANES;              \
    double* to = (double*)out + blockIdx.x * NC * LANES;                                       \
    for (int i = 0; i < NA; i++) a[i] = from[i * LANES + threadIdx.x];                         \
    for (int i = 0; i < NB; i++) b[i] = from[(NA + i) * LANES + threadIdx.x];                  \
    for (int i = 0; i < NC; i++) c[i] = from[(NA + NB + i) * LANES + threadIdx.x];             \
    asm volatile(NAME OPERANDS : OUTS : INS);                                                  \
    for (int i = 0; i < NC; i++) to[i * LANES + threadIdx.x] = d[i];                           \
  }
#define DI1(x) "d"(x[0])
#define DI2(x) DI1(x), "d"(x[1])
#define DI4(x) DI2(x), "d"(x[2]), "d"(x[3])
#define DI8(x) DI4(x), "d"(x[4]), "d"(x[5]), "d"(x[6]), "d"(x[7])
#define COMMA ,
#define D112(ID, NAME)                                                                \
  WIDE(ID, NAME, 1, 1, 2, " {%0,%1}, {%2}, {%3}, {%4,%5};", "=d"(d[0]) COMMA "=d"(d[1]), \
       DI1(a) COMMA DI1(b) COMMA DI2(c))
#define DOUT4 "=d"(d[0]) COMMA "=d"(d[1]) COMMA "=d"(d[2]) COMMA "=d"(d[3])
#define D214(ID, NAME)                                                                    \
  WIDE(ID, NAME, 2, 1, 4, " {%0,%1,%2,%3}, {%4,%5}, {%6}, {%7,%8,%9,%10};", DOUT4,        \
       DI2(a) COMMA DI1(b) COMMA DI4(c))
#define D424(ID, NAME)                                                                    \
  WIDE(ID, NAME, 4, 2, 4, " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%11,%12,%13};",   \
       DOUT4, DI4(a) COMMA DI2(b) COMMA DI4(c))
#define D844(ID, NAME)                                                                    \
  WIDE(ID, NAME, 8, 4, 4,                                                                 \
       " {%0,%1,%2,%3}, {%4,%5,%6,%7,%8,%9,%10,%11}, {%12,%13,%14,%15}, {%16,%17,%18,%19};", \
       DOUT4, DI8(a) COMMA DI4(b) COMMA DI4(c))

#define MMA "mma.sync.aligned."
#define WMMA "wmma.mma.sync.aligned."

// Kernel macro, name, formats of A, B and C, registers of A, B, C and D.
#define KINDS_80(X)                                                             \
  X(K4244, MMA "m16n8k16.row.col.f32.f16.f16.f32", F16, F16, F32, 4, 2, 4, 4)   \
  X(K4222, MMA "m16n8k16.row.col.f16.f16.f16.f16", F16, F16, F16, 4, 2, 2, 2)   \
  X(K2144, MMA "m16n8k8.row.col.f32.f16.f16.f32", F16, F16, F32, 2, 1, 4, 4)    \
  X(K2122, MMA "m16n8k8.row.col.f16.f16.f16.f16", F16, F16, F16, 2, 1, 2, 2)    \
  X(K4244, MMA "m16n8k16.row.col.f32.bf16.bf16.f32", BF16, BF16, F32, 4, 2, 4, 4) \
  X(K2144, MMA "m16n8k8.row.col.f32.bf16.bf16.f32", BF16, BF16, F32, 2, 1, 4, 4) \
  X(K4244, MMA "m16n8k8.row.col.f32.tf32.tf32.f32", TF32, TF32, F32, 4, 2, 4, 4) \
  X(K2144, MMA "m16n8k4.row.col.f32.tf32.tf32.f32", TF32, TF32, F32, 2, 1, 4, 4) \
  X(K2288, MMA "m8n8k4.row.col.f32.f16.f16.f32", F16, F16, F32, 2, 2, 8, 8)     \
  X(K2288, MMA "m8n8k4.col.row.f32.f16.f16.f32", F16, F16, F32, 2, 2, 8, 8)     \
  X(K2248, MMA "m8n8k4.row.row.f32.f16.f16.f16", F16, F16, F16, 2, 2, 4, 8)     \
  X(K2244, MMA "m8n8k4.col.col.f16.f16.f16.f16", F16, F16, F16, 2, 2, 4, 4)     \
  X(K1122, MMA "m8n8k16.row.col.s32.s8.u8.s32", RAW, RAW, S32, 1, 1, 2, 2)      \
  X(K1122, MMA "m8n8k16.row.col.satfinite.s32.u8.u8.s32", RAW, RAW, S32, 1, 1, 2, 2) \
  X(K2144, MMA "m16n8k16.row.col.s32.u8.s8.s32", RAW, RAW, S32, 2, 1, 4, 4)     \
  X(K2144, MMA "m16n8k16.row.col.satfinite.s32.s8.s8.s32", RAW, RAW, S32, 2, 1, 4, 4) \
  X(K4244, MMA "m16n8k32.row.col.s32.s8.s8.s32", RAW, RAW, S32, 4, 2, 4, 4)     \
  X(K4244, MMA "m16n8k32.row.col.satfinite.s32.u8.s8.s32", RAW, RAW, S32, 4, 2, 4, 4) \
  X(K1122, MMA "m8n8k32.row.col.s32.s4.u4.s32", RAW, RAW, S32, 1, 1, 2, 2)      \
  X(K2144, MMA "m16n8k32.row.col.satfinite.s32.s4.s4.s32", RAW, RAW, S32, 2, 1, 4, 4) \
  X(K4244, MMA "m16n8k64.row.col.s32.u4.s4.s32", RAW, RAW, S32, 4, 2, 4, 4)     \
  X(K4244, MMA "m16n8k64.row.col.satfinite.s32.u4.u4.s32", RAW, RAW, S32, 4, 2, 4, 4) \
  X(K1122, MMA "m8n8k128.row.col.s32.b1.b1.s32.xor.popc", RAW, RAW, S32, 1, 1, 2, 2) \
  X(K2144, MMA "m16n8k128.row.col.s32.b1.b1.s32.and.popc", RAW, RAW, S32, 2, 1, 4, 4) \
  X(K4244, MMA "m16n8k256.row.col.s32.b1.b1.s32.xor.popc", RAW, RAW, S32, 4, 2, 4, 4) \
  X(D112, MMA "m8n8k4.row.col.f64.f64.f64.f64", F64, F64, F64, 1, 1, 2, 2)      \
  X(D112, MMA "m8n8k4.row.col.f64.f64.f64.f64.rz", F64, F64, F64, 1, 1, 2, 2)   \
  X(D112, MMA "m8n8k4.row.col.f64.f64.f64.f64.rm", F64, F64, F64, 1, 1, 2, 2)   \
  X(D112, MMA "m8n8k4.row.col.f64.f64.f64.f64.rp", F64, F64, F64, 1, 1, 2, 2)   \
  X(K8888, WMMA "row.col.m16n16k16.f32.f32", F16, F16, F32, 8, 8, 8, 8)         \
  X(K8848, WMMA "row.row.m16n16k16.f32.f16", F16, F16, F16, 8, 8, 4, 8)         \
  X(K8884, WMMA "col.col.m32n8k16.f16.f32", F16, F16, F32, 8, 8, 8, 4)          \
  X(K8844, WMMA "col.row.m8n32k16.f16.f16", F16, F16, F16, 8, 8, 4, 4)          \
  X(K4488, WMMA "row.col.m16n16k16.f32.bf16.bf16.f32", BF16, BF16, F32, 4, 4, 8, 8) \
  X(K2888, WMMA "row.col.m8n32k16.f32.bf16.bf16.f32", BF16, BF16, F32, 2, 8, 8, 8) \
  X(K8288, WMMA "row.col.m32n8k16.f32.bf16.bf16.f32", BF16, BF16, F32, 8, 2, 8, 8) \
  X(K4488, WMMA "row.col.m16n16k8.f32.tf32.tf32.f32", TF32, TF32, F32, 4, 4, 8, 8) \
  X(K2288, WMMA "row.col.m16n16k16.s32.u8.u8.s32.satfinite", RAW, RAW, S32, 2, 2, 8, 8) \
  X(K1122, WMMA "row.col.m8n8k32.s32.s4.s4.s32", RAW, RAW, S32, 1, 1, 2, 2)     \
  X(D112, WMMA "row.col.m8n8k4.f64.f64.f64.f64.rn", F64, F64, F64, 1, 1, 2, 2)

#define KINDS_89(X)                                                             \
  X(K4244, MMA "m16n8k32.row.col.f32.e4m3.e4m3.f32", E4M3, E4M3, F32, 4, 2, 4, 4) \
  X(K4244, MMA "m16n8k32.row.col.f32.e5m2.e4m3.f32", E5M2, E4M3, F32, 4, 2, 4, 4) \
  X(K4244, MMA "m16n8k32.row.col.f32.e5m2.e5m2.f32", E5M2, E5M2, F32, 4, 2, 4, 4) \
  X(K2144, MMA "m16n8k16.row.col.f32.e4m3.e5m2.f32", E4M3, E5M2, F32, 2, 1, 4, 4) \
  X(K4222, MMA "m16n8k32.row.col.f16.e4m3.e4m3.f16", E4M3, E4M3, F16, 4, 2, 2, 2) \
  X(K2122, MMA "m16n8k16.row.col.f16.e5m2.e5m2.f16", E5M2, E5M2, F16, 2, 1, 2, 2)

#define KINDS_90(X)                                                             \
  X(D214, MMA "m16n8k4.row.col.f64.f64.f64.f64", F64, F64, F64, 2, 1, 4, 4)     \
  X(D424, MMA "m16n8k8.row.col.f64.f64.f64.f64", F64, F64, F64, 4, 2, 4, 4)     \
  X(D844, MMA "m16n8k16.row.col.f64.f64.f64.f64", F64, F64, F64, 8, 4, 4, 4)    \
  X(D844, MMA "m16n8k16.row.col.f64.f64.f64.f64.rz", F64, F64, F64, 8, 4, 4, 4)

#if ARCH >= 90
#define KINDS(X) KINDS_80(X) KINDS_89(X) KINDS_90(X)
#elif ARCH >= 89
#define KINDS(X) KINDS_80(X) KINDS_89(X)
#else
#define KINDS(X) KINDS_80(X)
#endif

// A kernel for each line that the list stands on would be one name; a counter tells them apart.
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)

template <int INDEX>
struct Run;

enum { FIRST = __COUNTER__ };
#define DEFINE(MACRO, NAME, A, B, C, NA, NB, NC, ND) DEFINE2(MACRO, NAME, __COUNTER__)
#define DEFINE2(MACRO, NAME, NUMBER) DEFINE3(MACRO, NAME, NUMBER)
#define DEFINE3(MACRO, NAME, NUMBER)                                      \
  MACRO(kernel##NUMBER, NAME)                                             \
  template <>                                                             \
  struct Run<NUMBER - FIRST - 1> {                                        \
    static void launch(const U* in, U* out) {                             \
      kernel##NUMBER<<<CASES, LANES>>>(in, out);                          \
    }                                                                     \
  };
KINDS(DEFINE)

// movmatrix: A is what is moved; B and C are not used.
static __global__ void moveMatrix(const U* in, U* out) {
  U d, a = in[blockIdx.x * LANES + threadIdx.x];
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(d) : "r"(a));
  out[blockIdx.x * LANES + threadIdx.x] = d;
}

// Loads of a matrix whose elements are their own numbers, row by row.
#define LOADS(X)                                                        \
  X("wmma.load.a.sync.aligned.row.m16n16k16.global.f16", 16, 8)         \
  X("wmma.load.a.sync.aligned.col.m16n16k16.global.f16", 16, 8)         \
  X("wmma.load.b.sync.aligned.row.m16n16k16.global.f16", 16, 8)         \
  X("wmma.load.b.sync.aligned.col.m16n16k16.global.f16", 16, 8)         \
  X("wmma.load.c.sync.aligned.row.m16n16k16.global.f16", 16, 4)         \
  X("wmma.load.c.sync.aligned.row.m16n16k16.global.f32", 32, 8)         \
  X("wmma.load.a.sync.aligned.row.m8n32k16.global.f16", 16, 8)          \
  X("wmma.load.b.sync.aligned.col.m8n32k16.global.f16", 16, 8)          \
  X("wmma.load.c.sync.aligned.row.m8n32k16.global.f32", 32, 8)          \
  X("wmma.load.a.sync.aligned.row.m32n8k16.global.f16", 16, 8)          \
  X("wmma.load.b.sync.aligned.col.m32n8k16.global.f16", 16, 8)          \
  X("wmma.load.c.sync.aligned.row.m32n8k16.global.f32", 32, 8)          \
  X("wmma.load.a.sync.aligned.row.m16n16k16.global.bf16", 16, 4)        \
  X("wmma.load.b.sync.aligned.col.m8n32k16.global.bf16", 16, 8)         \
  X("wmma.load.a.sync.aligned.row.m16n16k8.global.tf32", 32, 4)         \
  X("wmma.load.b.sync.aligned.col.m16n16k8.global.tf32", 32, 4)         \
  X("wmma.load.a.sync.aligned.row.m16n16k16.global.u8", 8, 2)           \
  X("wmma.load.b.sync.aligned.col.m16n16k16.global.u8", 8, 2)           \
  X("wmma.load.c.sync.aligned.row.m8n8k32.global.s32", 32, 2)

#define TO1 " {%0}, [%1];" : "=r"(d[0])
#define TO2 " {%0,%1}, [%2];" : OUT2(d)
#define TO4 " {%0,%1,%2,%3}, [%4];" : OUT4(d)
#define TO8 " {%0,%1,%2,%3,%4,%5,%6,%7}, [%8];" : OUT8(d)

template <int INDEX>
struct Load;

enum { FIRST_LOAD = __COUNTER__ };
#define DEFINE_LOAD(NAME, BITS, ND) DEFINE_LOAD2(NAME, ND, __COUNTER__)
#define DEFINE_LOAD2(NAME, ND, NUMBER) DEFINE_LOAD3(NAME, ND, NUMBER)
#define DEFINE_LOAD3(NAME, ND, NUMBER)                                                     \
  static __global__ void load##NUMBER(const U* in, U* out) {                               \
    U d[8];                                                                                \
    asm volatile(NAME TO##ND : "l"(__cvta_generic_to_global(in)) : "memory");              \
    put<ND>(out, d);                                                                       \
  }                                                                                        \
  template <>                                                                              \
  struct Load<NUMBER - FIRST_LOAD - 1> {                                                   \
    static void launch(const U* in, U* out) { load##NUMBER<<<1, LANES>>>(in, out); }       \
  };
LOADS(DEFINE_LOAD)

static __global__ void loadRows(const U* in, U* out, bool transposed) {
  __shared__ alignas(16) U tile[256];
  for (int i = threadIdx.x; i < 256; i += LANES) tile[i] = in[i];
  __syncwarp();
  // Rows of 32 bytes; matrices 0 to 3 as fragments of A want them.
  const U* row = tile + (threadIdx.x % 16) * 8 + threadIdx.x / 16 * 4;
  U address = (U)__cvta_generic_to_shared(row);
  U d[4];
  if (transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : OUT4(d) : "r"(address) : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : OUT4(d) : "r"(address) : "memory");
  }
  put<4>(out, d);
}

// ---- what comes out ----

static void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess) {
    fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
    exit(1);
  }
}

static FILE* file;
static U *deviceIn, *deviceOut;

static void writeWord(uint32_t word) { fwrite(&word, 4, 1, file); }

static void writeKind(const char* name, int width, int a, int b, int c, int d, int cases) {
  writeWord((uint32_t)strlen(name));
  fwrite(name, 1, strlen(name), file);
  for (int word : {width, a, b, c, d, cases}) writeWord((uint32_t)word);
}

static void fetch(std::vector<uint32_t>& out, const char* name) {
  check(cudaGetLastError(), name);
  check(cudaDeviceSynchronize(), name);
  check(cudaMemcpy(out.data(), deviceOut, out.size() * 4, cudaMemcpyDeviceToHost), name);
}

static void kind(const char* name, void (*launch)(const U*, U*), const Format& a, const Format& b,
                 const Format& c, int na, int nb, int nc, int nd) {
  int width = a.width == 64 ? 2 : 1;
  int inWords = (na + nb + nc) * LANES * width, outWords = nd * LANES * width;
  std::vector<uint32_t> in(inWords * CASES), out(outWords * CASES);
  for (int i = 0; i < CASES; i++) {
    uint32_t* at = in.data() + i * inWords;
    registers(at, a, na, i % FLAVOURS, false);
    registers(at + na * LANES * width, b, nb, i % FLAVOURS, false);
    registers(at + (na + nb) * LANES * width, c, nc, i % FLAVOURS, true);
  }
  check(cudaMemcpy(deviceIn, in.data(), in.size() * 4, cudaMemcpyHostToDevice), name);
  launch(deviceIn, deviceOut);
  fetch(out, name);
  writeKind(name, width, na, nb, nc, nd, CASES);
  for (int i = 0; i < CASES; i++) {
    fwrite(in.data() + i * inWords, 4, inWords, file);
    fwrite(out.data() + i * outWords, 4, outWords, file);
  }
}

static void numbers(int bits) {
  uint32_t words[512] = {0};
  for (int i = 0; i < 512; i++) {
    if (bits == 32) words[i] = (uint32_t)i;
    if (bits == 16) words[i] = (uint32_t)(2 * i) | (uint32_t)(2 * i + 1) << 16;
    if (bits == 8) words[i] = (4 * i & 255) | (4 * i + 1 & 255) << 8 | (4 * i + 2 & 255) << 16 | (4 * i + 3 & 255) << 24;
  }
  check(cudaMemcpy(deviceIn, words, sizeof words, cudaMemcpyHostToDevice), "numbers");
}

static void finishLoad(const char* name, int nd) {
  std::vector<uint32_t> out(nd * LANES);
  fetch(out, name);
  writeKind(name, 1, 0, 0, 0, nd, 1);
  fwrite(out.data(), 4, out.size(), file);
}

int main(int count, char** arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: %s FILE\n", arguments[0]);
    return 2;
  }
  cudaDeviceProp device;
  check(cudaGetDeviceProperties(&device, 0), "device");
  if (device.major * 10 + device.minor < ARCH) {
    fprintf(stderr, "built for compute capability %d, this is %d.%d\n", ARCH, device.major, device.minor);
    return 1;
  }
  file = fopen(arguments[1], "wb");
  if (!file) {
    perror(arguments[1]);
    return 1;
  }
  check(cudaMalloc(&deviceIn, 32 << 20), "allocation");
  check(cudaMalloc(&deviceOut, 32 << 20), "allocation");

#define ADD_ONE(...) +1
  int kinds = 0 KINDS(ADD_ONE) LOADS(ADD_ONE) + 3;
  fwrite("MMAC", 1, 4, file);
  writeWord(1);
  writeWord((uint32_t)(device.major * 10 + device.minor));
  writeWord((uint32_t)kinds);

  enum { START = __COUNTER__ };
#define EXECUTE(MACRO, NAME, A, B, C, NA, NB, NC, ND) \
  kind(NAME, Run<__COUNTER__ - START - 1>::launch, A, B, C, NA, NB, NC, ND);
  KINDS(EXECUTE)
  kind("movmatrix.sync.aligned.m8n8.trans.b16", [](const U* in, U* out) { moveMatrix<<<CASES, LANES>>>(in, out); },
       RAW, NONE, NONE, 1, 0, 0, 1);

  enum { START_LOADS = __COUNTER__ };
#define EXECUTE_LOAD(NAME, BITS, ND)                                \
  numbers(BITS);                                                    \
  Load<__COUNTER__ - START_LOADS - 1>::launch(deviceIn, deviceOut); \
  finishLoad(NAME, ND);
  LOADS(EXECUTE_LOAD)
  numbers(16);
  loadRows<<<1, LANES>>>(deviceIn, deviceOut, false);
  finishLoad("ldmatrix.sync.aligned.m8n8.x4.shared.b16", 4);
  loadRows<<<1, LANES>>>(deviceIn, deviceOut, true);
  finishLoad("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16", 4);

  long bytes = ftell(file);
  fclose(file);
  printf("%s, compute capability %d.%d: %d kinds, %ld bytes\n", device.name, device.major, device.minor, kinds, bytes);
  return 0;
}
