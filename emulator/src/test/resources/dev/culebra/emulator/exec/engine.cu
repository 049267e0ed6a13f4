// Kernels whose results EngineTest knows: what the engine itself has to get right, as nvcc compiles it.
#include <cassert>
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cstdio>

namespace cg = cooperative_groups;

#define KERNEL extern "C" __global__ void

// Steps of the Collatz sequence: every lane loops another number of times.
KERNEL collatz(const unsigned* in, unsigned* steps, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned x = in[i], count = 0;
  while (x > 1) {
    x = x % 2 == 0 ? x / 2 : 3 * x + 1;
    count++;
    if (count > 500) break;
  }
  steps[i] = count;
}

KERNEL switched(const int* in, int* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  int x = in[i], y = 0;
  switch (x % 8) {
    case 0: y = x * 3; break;
    case 1: y = x - 7; break;
    case 2: y = x ^ 0x55; break;
    case 3: for (int k = 0; k < x; k++) y += k * k; break;
    case 5: y = -x;  // and on
    case 6: y += 100; break;
    case 7: return;
    default: y = 1;
  }
  out[i] = y;
}

__device__ __noinline__ int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
KERNEL recursive(int* out) { out[threadIdx.x] = fibonacci(threadIdx.x % 15); }

struct Parts { char tag; short weights[3]; double sum; int rest[4]; };
__device__ __noinline__ Parts mix(Parts p, int k, float f) {
  p.sum += f;
  p.weights[k % 3] += k;
  p.rest[k & 3] -= k;
  p.tag++;
  return p;
}
KERNEL structs(Parts* parts, float f) { parts[threadIdx.x] = mix(parts[threadIdx.x], threadIdx.x, f); }

typedef int (*Function)(int);
__device__ int twice(int x) { return 2 * x; }
__device__ int negative(int x) { return -x; }
__device__ int squared(int x) { return x * x; }
__device__ Function functions[3] = {twice, negative, squared};
KERNEL indirect(int* out) { out[threadIdx.x] = functions[threadIdx.x % 3](threadIdx.x); }

__constant__ int table[16] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
__device__ int counter = 5;
__device__ int* where = &counter;
KERNEL variables(int* out) {
  out[threadIdx.x] = table[threadIdx.x % 16] + *where;
  if (threadIdx.x == 0) atomicAdd(&counter, 1);
}

// Each thread keeps an array that it indexes by data, so that it lies in local memory.
KERNEL local_array(const int* in, int* out) {
  int counts[10];
  for (int i = 0; i < 10; i++) counts[i] = 0;
  for (int i = 0; i < 64; i++) counts[in[threadIdx.x * 64 + i] % 10]++;
  int most = 0;
  for (int i = 1; i < 10; i++) if (counts[i] > counts[most]) most = i;
  out[threadIdx.x] = most * 1000 + counts[most];
}

KERNEL block_sum(const float* in, float* out, int n) {
  extern __shared__ float parts[];
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += in[i];
  parts[threadIdx.x] = sum;
  __syncthreads();
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) out[blockIdx.x] = parts[0];
}

KERNEL transposed(const float* in, float* out, int rows, int columns) {
  __shared__ float tile[32][33];
  int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8) if (x < columns && y + j < rows) tile[threadIdx.y + j][threadIdx.x] = in[(y + j) * columns + x];
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x, y = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8) if (x < rows && y + j < columns) out[(y + j) * rows + x] = tile[threadIdx.x][threadIdx.y + j];
}

KERNEL shuffles(const int* in, int* out) {
  int v = in[threadIdx.x], lane = threadIdx.x % 32, n = blockDim.x;
  out[threadIdx.x] = __shfl_sync(~0u, v, lane * 7 + 3);
  out[n + threadIdx.x] = __shfl_up_sync(~0u, v, 3, 8);
  out[2 * n + threadIdx.x] = __shfl_down_sync(~0u, v, 5, 16);
  out[3 * n + threadIdx.x] = __shfl_xor_sync(~0u, v, 9);
}

// Half of a warp shuffles here, half there: each among its own.
KERNEL halves(const int* in, int* out) {
  int v = in[threadIdx.x], lane = threadIdx.x % 32;
  if (lane < 16) v = __shfl_sync(0xffffu, v, (lane + 1) % 16) * 2;
  else v = __shfl_xor_sync(0xffff0000u, v, 1) + 5;
  out[threadIdx.x] = v;
}

KERNEL votes(const int* in, unsigned* out) {
  int v = in[threadIdx.x], n = blockDim.x;
  out[threadIdx.x] = __ballot_sync(~0u, v & 1);
  out[n + threadIdx.x] = __any_sync(~0u, v == 3) | __all_sync(~0u, v >= 0) << 1;
  out[2 * n + threadIdx.x] = __match_any_sync(~0u, v % 5);
  int same;
  out[3 * n + threadIdx.x] = __match_all_sync(~0u, v / 1000, &same) ^ same;
  out[4 * n + threadIdx.x] = __reduce_add_sync(~0u, v) ^ __reduce_min_sync(~0u, v) ^ __reduce_max_sync(~0u, -v) ^ __reduce_xor_sync(~0u, v);
  unsigned active = 0;
  if (v & 2) active = __activemask();
  out[5 * n + threadIdx.x] = active;
}

KERNEL barrier_votes(const int* in, int* out) {
  int v = in[threadIdx.x];
  out[threadIdx.x] = __syncthreads_count(v & 1) * 4 + __syncthreads_and(v >= 0) * 2 + __syncthreads_or(v == 17);
}

// The first warp makes, the others take, by named barriers.
KERNEL producer(const int* in, int* out, int rounds) {
  __shared__ int box[32];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32, sum = 0;
  for (int r = 0; r < rounds; r++) {
    if (warp == 0) {
      asm volatile("bar.sync 1, %0;" ::"r"(blockDim.x) : "memory");
      box[lane] = in[r * 32 + lane];
      asm volatile("bar.arrive 2, %0;" ::"r"(blockDim.x) : "memory");
    } else {
      asm volatile("bar.arrive 1, %0;" ::"r"(blockDim.x) : "memory");
      asm volatile("bar.sync 2, %0;" ::"r"(blockDim.x) : "memory");
      sum += box[(lane + warp) % 32];
    }
  }
  out[threadIdx.x] = sum;
}

KERNEL histogram(const int* in, int* bins, int n) {
  __shared__ int mine[32];
  if (threadIdx.x < 32) mine[threadIdx.x] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&mine[in[i] & 31], 1);
  __syncthreads();
  if (threadIdx.x < 32) atomicAdd(&bins[threadIdx.x], mine[threadIdx.x]);
}

// A lock that lanes of the same warp fight for.
KERNEL locked(int* lock, int* sum) {
  while (atomicCAS(lock, 0, 1) != 0) {}
  __threadfence();
  *(volatile int*)sum += threadIdx.x;
  __threadfence();
  atomicExch(lock, 0);
}

// The last block to come adds up what all have left.
__device__ unsigned arrived;
KERNEL last_block(const int* in, int* parts, int* out) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = in[blockIdx.x] * 2;
    __threadfence();
    last = atomicInc(&arrived, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    int sum = 0;
    for (int i = 0; i < gridDim.x; i++) sum += ((volatile int*)parts)[i];
    *out = sum;
  }
}

KERNEL grid_sync(int* values, int rounds) {
  cg::grid_group grid = cg::this_grid();
  int n = grid.size(), i = grid.thread_rank();
  for (int r = 0; r < rounds; r++) {
    int neighbour = values[(i + 1) % n];
    grid.sync();
    values[i] += neighbour;
    grid.sync();
  }
}

KERNEL groups(const int* in, int* out) {
  cg::thread_block block = cg::this_thread_block();
  auto tile = cg::tiled_partition<8>(block);
  int v = in[block.thread_rank()];
  int sum = cg::reduce(tile, v, cg::plus<int>());
  cg::coalesced_group odd = cg::coalesced_threads();
  if (v & 1) {
    cg::coalesced_group some = cg::coalesced_threads();
    sum += some.size() * 1000 + some.thread_rank() * 100000;
  }
  block.sync();
  out[block.thread_rank()] = sum + odd.size();
}

KERNEL printing(int n) {
  if (threadIdx.x < n) printf("thread %d of %u: %5.2f %s|%-6x|%c %lld%%\n", threadIdx.x, blockDim.x, threadIdx.x * 0.75, "text", threadIdx.x + 255, 'a' + threadIdx.x, -5000000000LL);
}

KERNEL asserting(int n) { assert(threadIdx.x < n); }

// Waits for a block that may begin later.
KERNEL chain(volatile int* flags) {
  if (threadIdx.x == 0) {
    if (blockIdx.x + 1 < gridDim.x) while (flags[blockIdx.x + 1] == 0) {}
    __threadfence();
    flags[blockIdx.x] = gridDim.x - blockIdx.x;
  }
}

KERNEL many_values(const double* a, const short* b, const unsigned char* c, long long* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = (long long)(a[i] * 4) + b[i] * c[i];
}

KERNEL special(unsigned* out) {
  unsigned lane, warp, lt, smid, n = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z), shared;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane));
  asm volatile("mov.u32 %0, %%warpid;" : "=r"(warp));
  asm volatile("mov.u32 %0, %%lanemask_lt;" : "=r"(lt));
  asm volatile("mov.u32 %0, %%smid;" : "=r"(smid));
  asm volatile("mov.u32 %0, %%dynamic_smem_size;" : "=r"(shared));
  unsigned threads = blockDim.x * blockDim.y * blockDim.z;
  long long before = clock64();
  long long after = clock64();
  unsigned* o = out + 6 * (n + threads * (blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z)));
  o[0] = lane, o[1] = warp, o[2] = lt, o[3] = smid, o[4] = shared, o[5] = after > before;
}
