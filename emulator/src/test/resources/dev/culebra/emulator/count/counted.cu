// Kernels whose counters are known by hand. counted.ptx has the same ones, written by hand.

extern "C" __global__ void copy(const float* in, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    out[i] = in[i];
  }
}

extern "C" __global__ void copy_strided(const float* in, float* out, int stride) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i * stride];
}

extern "C" __global__ void copy_vectors(const float4* in, float4* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i];
}

// y = a x + y
extern "C" __global__ void saxpy(float a, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = __fmaf_rn(a, x[i], y[i]);
}

// A tile of 32 by 32 a block, a row of it a warp.
template <int WIDTH>
__device__ void transpose_tile(const float* in, float* out, int n) {
  __shared__ float tile[32][WIDTH];
  int x = threadIdx.x;
  int y = threadIdx.y;
  tile[y][x] = in[(blockIdx.y * 32 + y) * n + blockIdx.x * 32 + x];
  __syncthreads();
  out[(blockIdx.x * 32 + y) * n + blockIdx.y * 32 + x] = tile[x][y];
}

extern "C" __global__ void transpose(const float* in, float* out, int n) {
  transpose_tile<32>(in, out, n);
}

extern "C" __global__ void transpose_padded(const float* in, float* out, int n) {
  transpose_tile<33>(in, out, n);
}

// c = a b, all n by n, a tile of 16 by 16 a block.
extern "C" __global__ void matmul(const float* a, const float* b, float* c, int n) {
  __shared__ float as[16][16];
  __shared__ float bs[16][16];
  int x = threadIdx.x;
  int y = threadIdx.y;
  int row = blockIdx.y * 16 + y;
  int column = blockIdx.x * 16 + x;
  float sum = 0;
#pragma unroll 1
  for (int tile = 0; tile < n; tile += 16) {
    as[y][x] = a[row * n + tile + x];
    bs[y][x] = b[(tile + y) * n + column];
    __syncthreads();
#pragma unroll 1
    for (int k = 0; k < 16; k++) {
      sum += as[y][k] * bs[k][x];
    }
    __syncthreads();
  }
  c[row * n + column] = sum;
}

// Sums of 256 values a block.
extern "C" __global__ void reduce(const float* in, float* out) {
  __shared__ float sums[256];
  int t = threadIdx.x;
  sums[t] = in[blockIdx.x * 256 + t];
  __syncthreads();
#pragma unroll 1
  for (int half = 128; half > 0; half >>= 1) {
    if (t < half) {
      sums[t] += sums[t + half];
    }
    __syncthreads();
  }
  if (t == 0) {
    out[blockIdx.x] = sums[0];
  }
}

// Each thread's sum over its warp, by shuffles.
extern "C" __global__ void reduce_warps(const float* in, float* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  float sum = in[i];
#pragma unroll
  for (int other = 16; other > 0; other >>= 1) {
    sum += __shfl_xor_sync(0xffffffffu, sum, other);
  }
  out[i] = sum;
}

// As many products of 16 by 16 by 8 as depth says, summed.
extern "C" __global__ void multiply_tiles(float* out, int depth) {
  float c[4] = {0, 0, 0, 0};
#pragma unroll 1
  for (int k = 0; k < depth; k++) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%4,%4,%4}, "
        "{%4,%4}, {%0,%1,%2,%3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(0x3f803f80));
  }
  out[threadIdx.x] = c[0];
}

extern "C" __global__ void count_global(int* bins, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&bins[i % n], 1);
}

extern "C" __global__ void count_shared(int* bins, int n) {
  __shared__ int counts[32];
  int t = threadIdx.x;
  if (t < 32) {
    counts[t] = 0;
  }
  __syncthreads();
  atomicAdd(&counts[t % n], 1);
  __syncthreads();
  if (t < 32) {
    bins[blockIdx.x * 32 + t] = counts[t];
  }
}

// Odd lanes go one way, even lanes the other, of each warp.
extern "C" __global__ void diverge(int* out, int steps) {
  int t = threadIdx.x;
  int value = t;
#pragma unroll 1
  for (int i = 0; i < steps; i++) {
    if ((value + i) & 1) {
      asm volatile("add.s32 %0, %0, 3;" : "+r"(value));
    } else {
      asm volatile("add.s32 %0, %0, 1;" : "+r"(value));
    }
  }
  out[t] = value;
}

// 16 bytes a thread by way of shared memory; of all but the first bytes, zeros.
extern "C" __global__ void copy_async(const float4* in, float4* out, int bytes) {
  __shared__ float4 stage[64];
  int t = threadIdx.x;
  int rest = bytes - t * 16;
  int size = rest < 0 ? 0 : rest > 16 ? 16 : rest;
  unsigned to = (unsigned)__cvta_generic_to_shared(&stage[t]);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(in + t), "r"(size)
               : "memory");
  asm volatile("cp.async.wait_all;" ::: "memory");
  out[t] = stage[t];
}
