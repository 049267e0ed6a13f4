// Kernels with one defect each, and the same kernels without it (RIGHT), for PlantedDefectTest: the
// lines that a checker may name end with the kernel's name.
#define ASM asm volatile

__device__ inline unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }
__device__ inline void copy16(void* to, const void* from) {
  ASM("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
}
__device__ inline void commit() { ASM("cp.async.commit_group;" ::: "memory"); }
template <int N> __device__ inline void wait() { ASM("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// Both twins of a kernel.
#define TWINS(name)                                                                                  \
  extern "C" __global__ void name##_wrong(int* in, int* out, int n) { name<false>(in, out, n); }     \
  extern "C" __global__ void name##_right(int* in, int* out, int n) { name<true>(in, out, n); }
#define DEFECT template <bool RIGHT> __device__ __forceinline__ void

// ---- memory ----

DEFECT misaligned_shared(int* in, int* out, int n) {
  __shared__ __align__(16) int tile[160];
  int t = threadIdx.x;
  for (int i = t; i < 160; i += 32) tile[i] = in[i % 32];
  __syncthreads();
  int4 v;
  unsigned at = shared_address(tile) + 16 * t + (RIGHT ? 0 : 8);
  ASM("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(at));  // misaligned_shared
  out[t] = v.x + v.w;
}
TWINS(misaligned_shared)

// Beyond the thread's own array, by a number that only the run knows.
DEFECT beyond_local(int* in, int* out, int n) {
  int mine[8];
  for (int i = 0; i < 8; i++) mine[i] = in[i] + i;
  int at = in[threadIdx.x] % 8 + (RIGHT ? 0 : n);
  ASM("" : "+r"(at));
  out[threadIdx.x] = mine[at];  // beyond_local
}
TWINS(beyond_local)

struct Settings { int a[4]; };
template <bool RIGHT> __device__ __forceinline__ void writes_parameter(const Settings& s, int* out) {
  const int* p = RIGHT ? out : s.a;
  if (threadIdx.x == 0) ASM("st.u32 [%0], 7;" ::"l"(p) : "memory");  // writes_parameter
  __syncthreads();
  out[1 + threadIdx.x] = s.a[threadIdx.x % 4];
}
extern "C" __global__ void writes_parameter_wrong(const __grid_constant__ Settings s, int* out) { writes_parameter<false>(s, out); }
extern "C" __global__ void writes_parameter_right(const __grid_constant__ Settings s, int* out) { writes_parameter<true>(s, out); }

// ---- initialised ----

__device__ int scratch[64];
DEFECT unwritten_copy(int* in, int* out, int n) {
  __shared__ __align__(16) int tile[128];
  int t = threadIdx.x;
  copy16(&tile[4 * t], (RIGHT ? in : out) + 4 * t);  // unwritten_copy
  commit();
  wait<0>();
  __syncthreads();
  out[t] = tile[127 - t];
}
TWINS(unwritten_copy)

// ---- race ----

DEFECT same_slot(int* in, int* out, int n) {
  __shared__ int bins[32];
  int t = threadIdx.x;
  bins[t % 32] = 0;
  __syncthreads();
  if (RIGHT) atomicAdd(&bins[in[t] % 32], 1);
  else bins[in[t] % 32] += 1;  // same_slot
  __syncthreads();
  if (t < 32) out[t] = bins[t];
}
TWINS(same_slot)

DEFECT counted_too_early(int* in, int* out, int n) {
  __shared__ int count;
  if (threadIdx.x == 0) count = 0;
  __syncthreads();
  if (in[threadIdx.x] % 2) atomicAdd(&count, 1);
  if (RIGHT) __syncthreads();
  out[threadIdx.x] = count;  // counted_too_early
}
TWINS(counted_too_early)

// Three warps read a word; one of them waits for one of the others, and not for the third.
DEFECT one_reader_forgotten(int* in, int* out, int n) {
  __shared__ int word;
  int t = threadIdx.x, warp = t / 32;
  if (t == 0) word = in[0];
  __syncthreads();
  out[t] = word;  // one_reader_forgotten
  if (warp > 0 && (RIGHT || warp == 2)) ASM("bar.arrive 1, %0;" ::"n"(RIGHT ? 96 : 64) : "memory");
  if (warp == 0) {
    ASM("bar.sync 1, %0;" ::"n"(RIGHT ? 96 : 64) : "memory");
    if (t == 0) word = n;  // one_reader_forgotten
  }
}
TWINS(one_reader_forgotten)

// Tiles of the result that overlap by one element.
DEFECT overlapping_tiles(int* in, int* out, int n) {
  int b = blockIdx.x, t = threadIdx.x;
  if (t < (RIGHT ? 32 : 33)) out[b * 32 + t] = in[t] + b;  // overlapping_tiles
}
TWINS(overlapping_tiles)

// A flag that other blocks poll, with nothing that orders what it tells of.
__device__ int message;
__device__ volatile int told;
DEFECT flag_without_fence(int* in, int* out, int n) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0) {
    message = in[0];
    if (RIGHT) __threadfence();
    told = 1;
  } else {
    while (told == 0) {}
    if (RIGHT) __threadfence();
    out[blockIdx.x - 1] = message;  // flag_without_fence
  }
}
TWINS(flag_without_fence)

// A shuffle is no barrier for shared memory.
DEFECT shuffle_for_barrier(int* in, int* out, int n) {
  __shared__ int tile[32];
  int t = threadIdx.x;
  tile[t] = in[t];
  int other = __shfl_xor_sync(~0u, in[t], 1);
  if (RIGHT) __syncwarp();
  out[t] = tile[31 - t] + other;  // shuffle_for_barrier
}
TWINS(shuffle_for_barrier)

// ---- barrier ----

DEFECT barrier_in_branches(int* in, int* out, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = in[t];
  if (RIGHT) __syncthreads();
  else if (t % 2 == 0) {
    ASM("bar.sync 0;" ::: "memory");
    out[t] = 0;
  } else {
    ASM("bar.sync 0;" ::: "memory");  // barrier_in_branches
  }
  __syncthreads();
  out[t] = tile[63 - t];
}
TWINS(barrier_in_branches)

// Half of a warp goes on to the next barrier while the other is at this one.
DEFECT barrier_for_some(int* in, int* out, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  if (RIGHT || t < 16) {
    tile[t] = in[t];
    __syncthreads();
  } else {
    tile[t] = in[t] + 1;
  }
  if (t == n) out[0] = tile[63];
  __syncthreads();  // barrier_for_some
  out[t] = tile[63 - t];
}
TWINS(barrier_for_some)

// One warp waits for a barrier that the other never comes to, since it waits for another.
DEFECT two_barriers(int* in, int* out, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = in[t];
  if (RIGHT || t < 32) ASM("bar.sync 1;" ::: "memory");  // two_barriers
  else ASM("bar.sync 2;" ::: "memory");
  out[t] = tile[63 - t];
}
TWINS(two_barriers)

DEFECT count_differs(int* in, int* out, int n) {
  __shared__ int tile[96];
  int t = threadIdx.x;
  tile[t] = in[t];
  if (t < 32) ASM("bar.sync 1, %0;" ::"n"(RIGHT ? 96 : 64) : "memory");  // count_differs
  else ASM("bar.sync 1, 96;" ::: "memory");  // count_differs
  out[t] = tile[95 - t];
}
TWINS(count_differs)

DEFECT arrival_missing(int* in, int* out, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = in[t];
  if (t >= 32) {
    if (RIGHT) ASM("bar.arrive 1, 64;" ::: "memory");
  } else {
    ASM("bar.sync 1, 64;" ::: "memory");  // arrival_missing
    out[t] = tile[63 - t];
  }
}
TWINS(arrival_missing)

DEFECT mask_without_me(int* in, int* out, int n) {
  int t = threadIdx.x;
  unsigned mask = RIGHT ? ~0u : ~2u;
  int v = in[t];
  ASM("bar.warp.sync %0;" ::"r"(mask) : "memory");  // mask_without_me
  out[t] = v;
}
TWINS(mask_without_me)

// The mask names lanes that wait elsewhere.
DEFECT lanes_never_come(int* in, int* out, int n) {
  int t = threadIdx.x, v = in[t];
  if (t < 16) v += __shfl_xor_sync(RIGHT ? 0xffffu : ~0u, v, 1);  // lanes_never_come
  __syncthreads();
  out[t] = v;
}
TWINS(lanes_never_come)

DEFECT shuffle_from_absent(int* in, int* out, int n) {
  int t = threadIdx.x, v = in[t];
  if (t < 16) v += __shfl_sync(0xffffu, v, RIGHT ? 5 : 20);  // shuffle_from_absent
  out[t] = v;
}
TWINS(shuffle_from_absent)

__device__ inline void init(unsigned long long* barrier, int count) {
  ASM("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(count) : "memory");
}
__device__ inline void arrive(unsigned long long* barrier) {
  ASM("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
}
__device__ inline void wait(unsigned long long* barrier, int parity) {
  ASM("{ .reg .pred p; again: mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1; @!p bra again; }" ::"r"(
          shared_address(barrier)),
      "r"(parity)
      : "memory");
}

DEFECT mbarrier_not_made(int* in, int* out, int n) {
  __shared__ __align__(8) unsigned long long bar;
  if (RIGHT && threadIdx.x == 0) init(&bar, blockDim.x);
  __syncthreads();
  arrive(&bar);  // mbarrier_not_made
  wait(&bar, 0);
  out[threadIdx.x] = in[threadIdx.x];
}
TWINS(mbarrier_not_made)

DEFECT mbarrier_made_late(int* in, int* out, int n) {
  __shared__ __align__(8) unsigned long long bar;
  if (threadIdx.x == 0) init(&bar, blockDim.x);
  if (RIGHT) __syncthreads();
  else __syncwarp();
  arrive(&bar);  // mbarrier_made_late
  wait(&bar, 0);
  out[threadIdx.x] = in[threadIdx.x];
}
TWINS(mbarrier_made_late)

DEFECT mbarrier_made_twice(int* in, int* out, int n) {
  __shared__ __align__(8) unsigned long long bar;
  for (int i = 0; i < 2; i++) {
    if (threadIdx.x == 0 && (!RIGHT || i == 0)) init(&bar, blockDim.x);  // mbarrier_made_twice
    __syncthreads();
    arrive(&bar);
    wait(&bar, RIGHT ? i : 0);
    __syncthreads();
  }
  out[threadIdx.x] = in[threadIdx.x];
}
TWINS(mbarrier_made_twice)

DEFECT too_many_arrivals(int* in, int* out, int n) {
  __shared__ __align__(8) unsigned long long bar;
  if (threadIdx.x == 0) init(&bar, RIGHT ? 32 : 31);
  __syncthreads();
  arrive(&bar);
  wait(&bar, 0);
  if (!RIGHT && threadIdx.x == 0) ASM("mbarrier.arrive.shared::cta.b64 _, [%0], 32;" ::"r"(shared_address(&bar)) : "memory");  // too_many_arrivals
  out[threadIdx.x] = in[threadIdx.x];
}
TWINS(too_many_arrivals)

DEFECT bytes_never_come(int* in, int* out, int n) {
  __shared__ __align__(128) int row[32];
  __shared__ __align__(8) unsigned long long bar;
  if (threadIdx.x == 0) init(&bar, 1);
  __syncthreads();
  if (threadIdx.x == 0) {
    ASM("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(&bar)), "n"(RIGHT ? 128 : 144) : "memory");
    ASM("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], 128, [%2];" ::"r"(shared_address(row)), "l"(in), "r"(shared_address(&bar)) : "memory");
  }
  ASM("{ .reg .pred p; again: mbarrier.try_wait.parity.shared::cta.b64 p, [%0], 0; @!p bra again; }" ::"r"(shared_address(&bar)) : "memory");  // bytes_never_come
  out[threadIdx.x] = row[threadIdx.x];
}
TWINS(bytes_never_come)

// ---- async copy ----

DEFECT never_waited(int* in, int* out, int n) {
  __shared__ __align__(16) int tile[128];
  int t = threadIdx.x;
  copy16(&tile[4 * t], in + 4 * t);
  commit();
  if (RIGHT) wait<0>();
  __syncthreads();
  out[t] = tile[127 - t];  // never_waited
}
TWINS(never_waited)

DEFECT not_committed(int* in, int* out, int n) {
  __shared__ __align__(16) int tile[128];
  int t = threadIdx.x;
  copy16(&tile[4 * t], in + 4 * t);
  if (RIGHT) commit();
  wait<0>();
  __syncthreads();
  out[t] = tile[127 - t];  // not_committed
}
TWINS(not_committed)

// The wait comes behind the barrier: of one's own copies alone one knows then.
DEFECT waits_behind_barrier(int* in, int* out, int n) {
  __shared__ __align__(16) int tile[128];
  int t = threadIdx.x;
  copy16(&tile[4 * t], in + 4 * t);
  commit();
  if (RIGHT) wait<0>();
  __syncthreads();
  if (!RIGHT) wait<0>();
  out[t] = tile[127 - t];  // waits_behind_barrier
}
TWINS(waits_behind_barrier)

// A fence makes known what was written, but nobody waits for anybody.
DEFECT fence_for_barrier(int* in, int* out, int n) {
  __shared__ __align__(16) int tile[128];
  int t = threadIdx.x;
  copy16(&tile[4 * t], in + 4 * t);
  commit();
  wait<0>();
  __threadfence_block();
  if (RIGHT) __syncthreads();
  out[t] = tile[127 - t];  // fence_for_barrier
}
TWINS(fence_for_barrier)

// The next copy into a tile begins while others still read what the last one brought.
DEFECT refilled_too_early(int* in, int* out, int n) {
  __shared__ __align__(16) int tile[256];
  int t = threadIdx.x, sum = 0;
  for (int i = 0; i < n; i++) {
    ASM("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(&tile[4 * t])), "l"(in + 4 * t) : "memory");  // refilled_too_early
    commit();
    wait<0>();
    __syncthreads();
    sum += tile[255 - t];
    if (RIGHT) __syncthreads();
  }
  out[t] = sum;
}
TWINS(refilled_too_early)

DEFECT no_proxy_fence(int* in, int* out, int n) {
  __shared__ __align__(128) int row[64];
  int t = threadIdx.x;
  row[t] = in[t];
  if (RIGHT) ASM("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (t == 0) {
    ASM("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], 256;" ::"l"(out), "r"(shared_address(row)) : "memory");  // no_proxy_fence
    ASM("cp.async.bulk.commit_group;" ::: "memory");
    ASM("cp.async.bulk.wait_group 0;" ::: "memory");
  }
}
TWINS(no_proxy_fence)

DEFECT ends_too_early(int* in, int* out, int n) {
  __shared__ __align__(128) int row[64];
  int t = threadIdx.x;
  row[t] = in[t];
  ASM("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (t == 0) {
    ASM("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], 256;" ::"l"(out), "r"(shared_address(row)) : "memory");  // ends_too_early
    ASM("cp.async.bulk.commit_group;" ::: "memory");
    if (RIGHT) ASM("cp.async.bulk.wait_group.read 0;" ::: "memory");
  }
}
TWINS(ends_too_early)

// A row is written again while it is still being taken away.
DEFECT row_reused(int* in, int* out, int n) {
  __shared__ __align__(128) int row[64];
  int t = threadIdx.x;
  for (int i = 0; i < n; i++) {
    row[t] = in[t] + i;  // row_reused
    ASM("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    if (t == 0) {
      ASM("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], 256;" ::"l"(out + 64 * i), "r"(shared_address(row)) : "memory");
      ASM("cp.async.bulk.commit_group;" ::: "memory");
      if (RIGHT) ASM("cp.async.bulk.wait_group.read 0;" ::: "memory");
    }
    __syncthreads();
  }
  if (t == 0) ASM("cp.async.bulk.wait_group 0;" ::: "memory");
}
TWINS(row_reused)
