// Kernels with one race each, and their clean twins, for RaceTest. What races stands on a line of its own.
#include <cooperative_groups.h>

namespace cg = cooperative_groups;

// Sums of neighbours through shared memory.
template <bool RIGHT>
__device__ void neighbours(const int* in, int* out) {
  __shared__ int tile[256];
  int t = threadIdx.x;
  tile[t] = in[t];  // race: stored where another reads
  if (RIGHT) __syncthreads();
  out[t] = tile[t] + tile[(t + 1) % blockDim.x];  // race: missing barrier
}

extern "C" __global__ void neighbours_right(const int* in, int* out) { neighbours<true>(in, out); }
extern "C" __global__ void neighbours_without_barrier(const int* in, int* out) { neighbours<false>(in, out); }

// A tile that is used again: the second barrier keeps fast threads from overwriting it.
template <bool RIGHT>
__device__ void reuse(const int* in, int* out, int rounds) {
  __shared__ int tile[128];
  int t = threadIdx.x, sum = 0;
  for (int i = 0; i < rounds; i++) {
    tile[t] = in[i * blockDim.x + t];  // race: overwrites what others read
    __syncthreads();
    sum += tile[blockDim.x - 1 - t];
    if (RIGHT) __syncthreads();
  }
  out[t] = sum;
}

extern "C" __global__ void reuse_right(const int* in, int* out, int rounds) { reuse<true>(in, out, rounds); }
extern "C" __global__ void reuse_without_second_barrier(const int* in, int* out, int rounds) { reuse<false>(in, out, rounds); }

// A reduction within a warp through shared memory.
template <bool RIGHT>
__device__ void warp_sum(const int* in, int* out) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t] = in[t];
  tile[t + 32] = 0;
  __syncwarp();
#pragma unroll
  for (int step = 16; step > 0; step /= 2) {
    int other = tile[t + step];  // race: missing syncwarp
    __syncwarp();
    tile[t] += other;
    if (RIGHT) __syncwarp();
  }
  if (t == 0) *out = tile[0];
}

extern "C" __global__ void warp_sum_right(const int* in, int* out) { warp_sum<true>(in, out); }
extern "C" __global__ void warp_sum_without_syncwarp(const int* in, int* out) { warp_sum<false>(in, out); }

// Blocks count into one word.
extern "C" __global__ void count_right(const int* in, int* out) { atomicAdd(out, in[blockIdx.x * blockDim.x + threadIdx.x]); }
extern "C" __global__ void count_without_atomic(const int* in, int* out) {
  *out += in[blockIdx.x * blockDim.x + threadIdx.x];  // race: no atomic
}

// The last block adds up what all blocks left, as threads tell one another through a counter.
template <bool RIGHT>
__device__ void last_block(const int* in, int* parts, unsigned* counter, int* out) {
  __shared__ bool last;
  __shared__ int sum;
  int t = threadIdx.x;
  if (t == 0) sum = 0;
  __syncthreads();
  atomicAdd(&sum, in[blockIdx.x * blockDim.x + t]);
  __syncthreads();
  if (t == 0) {
    parts[blockIdx.x] = sum;
    if (RIGHT) __threadfence();
    last = atomicInc(counter, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && t == 0) {
    if (RIGHT) __threadfence();
    int all = 0;
    for (int i = 0; i < gridDim.x; i++) {
      all += parts[i];  // race: missing fence
    }
    *out = all;
  }
}

extern "C" __global__ void last_block_right(const int* in, int* parts, unsigned* counter, int* out) { last_block<true>(in, parts, counter, out); }
extern "C" __global__ void last_block_without_fence(const int* in, int* parts, unsigned* counter, int* out) { last_block<false>(in, parts, counter, out); }

// Neighbouring threads write halves and bytes of the same word: no race.
extern "C" __global__ void small_elements(const short* in, short* out, unsigned char* bytes) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i] + 1;
  bytes[i] = (unsigned char)i;
}

// All threads write the same value: nobody can tell who was last.
extern "C" __global__ void same_value(int* out) { *out = 7; }

// Blocks wait for one another: each reads what its neighbour wrote.
template <bool RIGHT>
__device__ void ring(int* data, int* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
  data[i] = i * 3;
  if (RIGHT) cg::this_grid().sync();
  out[i] = data[(i + blockDim.x) % n];  // race: missing grid barrier
}

extern "C" __global__ void ring_right(int* data, int* out) { ring<true>(data, out); }
extern "C" __global__ void ring_without_barrier(int* data, int* out) { ring<false>(data, out); }

// Half of the threads produce, the others consume, through two named barriers.
template <bool RIGHT>
__device__ void hand_over(const int* in, int* out, int rounds) {
  __shared__ int tile[64];
  int t = threadIdx.x % 64;
  bool producer = threadIdx.x < 64;
  for (int i = 0; i < rounds; i++) {
    if (producer) {
      if (i > 0) asm volatile("bar.sync 2, 128;" ::: "memory");
      tile[t] = in[i * 64 + t];  // race: the barrier is not waited for
      if (RIGHT) asm volatile("bar.arrive 1, 128;" ::: "memory");
    } else {
      if (RIGHT) asm volatile("bar.sync 1, 128;" ::: "memory");
      out[i * 64 + t] = tile[63 - t];
      if (i + 1 < rounds) asm volatile("bar.arrive 2, 128;" ::: "memory");
    }
  }
}

extern "C" __global__ void hand_over_right(const int* in, int* out, int rounds) { hand_over<true>(in, out, rounds); }
extern "C" __global__ void hand_over_one_way(const int* in, int* out, int rounds) { hand_over<false>(in, out, rounds); }

// A lock: what it guards is no race.
template <bool RIGHT>
__device__ void locked(int* lock, int* data) {
  for (bool done = false; !done;) {
    if (atomicCAS(lock, 0, 1) == 0) {
      if (RIGHT) __threadfence();
      *data = *data + 1;  // race: lock without fences
      if (RIGHT) __threadfence();
      atomicExch(lock, 0);
      done = true;
    }
  }
}

extern "C" __global__ void locked_right(int* lock, int* data) { locked<true>(lock, data); }
extern "C" __global__ void locked_without_fences(int* lock, int* data) { locked<false>(lock, data); }

// Lane 0 waits for another warp and tells its own by a shuffle: that orders the warps, and no two lanes of one.
template <bool RIGHT>
__device__ void told_by_shuffle(const int* in, int* out) {
  __shared__ int tile[32];
  __shared__ int flag;
  int lane = threadIdx.x % 32;
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  if (threadIdx.x < 32) {
    tile[lane] = in[lane];
    __syncwarp();
    if (lane == 0) asm volatile("st.release.cta.shared.s32 [%0], 1;" ::"r"((unsigned)__cvta_generic_to_shared(&flag)) : "memory");
  } else {
    int seen = 0;
    if (lane == 0 || !RIGHT) {
      while (!seen) {
        asm volatile("ld.relaxed.cta.shared.s32 %0, [%1];" : "=r"(seen) : "r"((unsigned)__cvta_generic_to_shared(&flag)) : "memory");
      }
      if (RIGHT) __threadfence_block();
    }
    seen = __shfl_sync(~0u, seen, 0);
    out[lane] = tile[31 - lane] * seen;  // race: nobody acquired
  }
}

extern "C" __global__ void told_by_shuffle_right(const int* in, int* out) { told_by_shuffle<true>(in, out); }
extern "C" __global__ void told_without_acquiring(const int* in, int* out) { told_by_shuffle<false>(in, out); }

// A shuffle is no barrier for what its own lanes wrote.
extern "C" __global__ void shuffle_is_no_barrier(const int* in, int* out) {
  __shared__ int tile[32];
  int t = threadIdx.x;
  tile[t] = in[t];
  int other = __shfl_xor_sync(~0u, t, 1);
  out[t] = tile[other];  // race: only a shuffle between
}

// Blocks move an array down by one tile in place: each says, without any fence, that it has read its tile.
template <bool RIGHT>
__device__ void moved_in_place(int* data, int* flags) {
  int t = threadIdx.x, b = blockIdx.x;
  int mine = data[b * 32 + t];  // race: reads another's tile
  __syncthreads();
  if (t == 0) {
    asm volatile("st.relaxed.gpu.global.s32 [%0], 1;" ::"l"(flags + b) : "memory");
    for (int seen = b == 0 || !RIGHT; !seen;) {
      asm volatile("ld.relaxed.gpu.global.s32 %0, [%1];" : "=r"(seen) : "l"(flags + b - 1) : "memory");
    }
  }
  __syncthreads();
  if (b > 0) data[(b - 1) * 32 + t] = mine;  // race: overwrites another's tile
}

extern "C" __global__ void moved_in_place_right(int* data, int* flags) { moved_in_place<true>(data, flags); }
extern "C" __global__ void moved_without_waiting(int* data, int* flags) { moved_in_place<false>(data, flags); }

// The largest value by compare-and-swap, whose first guess is read plainly; and a plain read of a sum that grows.
extern "C" __global__ void largest_by_swap(const int* in, int* out) {
  int value = in[blockIdx.x * blockDim.x + threadIdx.x], seen = *out, guess;
  do {
    guess = seen;
    if (guess >= value) break;
    seen = atomicCAS(out, guess, value);
  } while (seen != guess);
}

extern "C" __global__ void largest_in_shared(const int* in, int* out) {
  __shared__ int largest;
  if (threadIdx.x == 0) largest = -1;
  __syncthreads();
  int value = in[threadIdx.x], seen = largest, guess;
  do {
    guess = seen;
    if (guess >= value) break;
    seen = atomicCAS(&largest, guess, value);
  } while (seen != guess);
  __syncthreads();
  if (threadIdx.x == 0) *out = largest;
}

extern "C" __global__ void sum_read_while_it_grows(const int* in, int* sum, int* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(sum, in[i]);
  out[i] = *sum;  // race: others still add
}

// Blocks own rows of 64 elements. One thread reads the next block's row, whose own lanes read each element twice.
extern "C" __global__ void edge_without_waiting(int* data) {
  int i = blockIdx.x * 64 + threadIdx.x;
  int edge = threadIdx.x == 0 ? data[i + 64 + 1] : 0;  // race: the other block overwrites it
  __syncthreads();
  int sum = edge + data[i] + data[i + 1];
  __syncthreads();
  data[i] = sum;  // race: overwrites what the other block reads
}
