// Kernels that order their threads in ways that are right and less usual: no checker may complain.
// All take (in, out, n) and give the same result under every schedule.
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cuda/atomic>
#include <cuda/barrier>
#include <cuda/latch>
#include <cuda/pipeline>
#include <cuda/ptx>
#include <cuda/semaphore>

#pragma nv_diag_suppress static_var_with_dynamic_init

namespace cg = cooperative_groups;
#define KERNEL extern "C" __global__ void

// Tiles of a block's threads, synchronised alone.
KERNEL tiles(const int* in, int* out, int n) {
  __shared__ int parts[128];
  auto block = cg::this_thread_block();
  auto tile = cg::tiled_partition<16>(block);
  int t = block.thread_rank();
  parts[t] = in[t] + n;
  tile.sync();
  int sum = 0;
  for (int i = 0; i < 16; i++) sum += parts[tile.meta_group_rank() * 16 + i];
  tile.sync();
  parts[t] = cg::exclusive_scan(tile, sum);
  block.sync();
  out[t] = parts[127 - t] + cg::reduce(tile, in[t], cg::greater<int>());
}

// Tiles of more than a warp have barriers of their own.
KERNEL large_tiles(const int* in, int* out, int n) {
  __shared__ cg::block_tile_memory<128> memory;
  __shared__ int parts[128];
  auto block = cg::this_thread_block(memory);
  auto tile = cg::tiled_partition<64>(block);
  int t = block.thread_rank();
  parts[t] = in[t] * n;
  tile.sync();
  out[t] = parts[t ^ 63] + cg::reduce(tile, in[t], cg::plus<int>());
}

// Lanes that happen to be together agree on one that counts for all.
KERNEL aggregated(const int* in, int* out, int n) {
  int v = in[blockIdx.x * blockDim.x + threadIdx.x];
  if (v % 3 == 0) {
    cg::coalesced_group group = cg::coalesced_threads();
    if (group.thread_rank() == 0) atomicAdd(out, group.size() * n);
    group.sync();
  }
}

KERNEL grid_of_groups(const int* in, int* out, int n) {
  auto grid = cg::this_grid();
  int i = grid.thread_rank(), all = grid.size();
  out[i] = in[i];
  for (int r = 0; r < n; r++) {
    grid.sync();
    int other = out[(i + 70) % all];
    grid.sync();
    out[i] += other;
  }
}

// The reduction of NVIDIA's samples: the last block reads with no fence but the writers' own.
__device__ unsigned retired;
KERNEL fence_reduction(const int* in, int* out, int n) {
  __shared__ int parts[64];
  __shared__ bool last;
  int t = threadIdx.x;
  parts[t] = in[blockIdx.x * 64 + t];
  __syncthreads();
  for (int half = 32; half > 0; half /= 2) {
    if (t < half) parts[t] += parts[t + half];
    __syncthreads();
  }
  if (t == 0) {
    out[1 + blockIdx.x] = parts[0];
    __threadfence();
    last = atomicInc(&retired, gridDim.x) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last) return;
  int sum = 0;
  for (int i = t; i < gridDim.x; i += 64) sum += out[1 + i];
  parts[t] = sum;
  __syncthreads();
  if (t == 0) {
    for (int i = 1; i < 64; i++) sum += parts[i];
    out[0] = sum * n;
    retired = 0;
  }
}

// Prefixes handed from block to block: value and state in one word, written and polled as volatile.
__device__ volatile unsigned long long states[16];
KERNEL look_back(const int* in, int* out, int n) {
  __shared__ int before;
  int b = blockIdx.x;
  if (threadIdx.x == 0) {
    int mine = in[b] * n, sum = 0;
    states[b] = 1ull << 32 | (unsigned)mine;
    for (int i = b - 1; i >= 0; i--) {
      unsigned long long state;
      while ((state = states[i]) >> 32 == 0) {}
      sum += (int)state;
      if (state >> 32 == 2) break;
    }
    states[b] = 2ull << 32 | (unsigned)(mine + sum);
    before = sum;
  }
  __syncthreads();
  out[b * 32 + threadIdx.x] = before + threadIdx.x;
}

// Data behind a volatile flag and fences.
__device__ int box;
__device__ volatile int ready;
KERNEL volatile_flag(const int* in, int* out, int n) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0) {
    box = in[0] * n;
    __threadfence();
    ready = 1;
  } else {
    while (ready == 0) {}
    __threadfence();
    out[blockIdx.x - 1] = box;
  }
}

// The library's atomics: release and acquire, relaxed and a fence.
__device__ int payload[2];
__device__ cuda::atomic<int, cuda::thread_scope_device> published;
KERNEL library_atomics(const int* in, int* out, int n) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0) {
    payload[0] = in[0];
    published.store(1, cuda::memory_order_release);
    payload[1] = in[1];
    cuda::atomic_thread_fence(cuda::memory_order_release, cuda::thread_scope_device);
    published.store(2, cuda::memory_order_relaxed);
  } else {
    while (published.load(cuda::memory_order_acquire) == 0) {}
    int first = payload[0];
    while (published.load(cuda::memory_order_relaxed) != 2) {}
    cuda::atomic_thread_fence(cuda::memory_order_acquire, cuda::thread_scope_device);
    out[blockIdx.x - 1] = first * n + payload[1];
  }
}

// A barrier of the grid by hand: a counter, and a generation that all poll.
__device__ unsigned come, generation;
KERNEL grid_by_hand(const int* in, int* out, int n) {
  int i = blockIdx.x * 32 + threadIdx.x, all = gridDim.x * 32;
  out[i] = in[i];
  for (int r = 0; r < n; r++) {
    int other = 0;
    for (int half = 0; half < 2; half++) {
      __syncthreads();
      if (threadIdx.x == 0) {
        unsigned mine = *(volatile unsigned*)&generation;
        __threadfence();
        if (atomicAdd(&come, 1) == gridDim.x - 1) {
          atomicExch(&come, 0);
          __threadfence();
          atomicAdd(&generation, 1);
        } else {
          while (*(volatile unsigned*)&generation == mine) {}
        }
        __threadfence();
      }
      __syncthreads();
      if (half == 0) other = out[(i + 33) % all];
    }
    out[i] += other;
  }
}

// A ticket lock, and a lock that lanes of one warp fight for.
__device__ unsigned next_ticket, serving;
KERNEL locks(const int* in, int* out, int n) {
  if (threadIdx.x == 0) {
    unsigned mine = atomicAdd(&next_ticket, 1);
    while (atomicAdd(&serving, 0) != mine) {}
    __threadfence();
    out[0] += in[blockIdx.x] * n;
    __threadfence();
    atomicAdd(&serving, 1);
  }
  __shared__ cuda::binary_semaphore<cuda::thread_scope_block> free_;
  __shared__ int sum;
  if (threadIdx.x == 0) new (&free_) cuda::binary_semaphore<cuda::thread_scope_block>(1), sum = 0;
  __syncthreads();
  free_.acquire();
  sum += threadIdx.x;
  free_.release();
  __syncthreads();
  if (threadIdx.x == 0) atomicAdd(out + 1, sum);
}

// Sums over lanes with no barrier but what shuffles and __syncwarp are.
KERNEL warp_synchronous(const int* in, int* out, int n) {
  __shared__ int of_warp[4];
  int t = threadIdx.x, lane = t % 32, sum = in[t];
  for (int step = 16; step > 0; step /= 2) sum += __shfl_down_sync(~0u, sum, step);
  if (lane == 0) of_warp[t / 32] = sum;
  __syncthreads();
  if (t < 32) {
    sum = lane < 4 ? of_warp[lane] : 0;
    sum += __shfl_xor_sync(~0u, sum, 1);
    sum += __shfl_xor_sync(~0u, sum, 2);
    if (lane == 0) *out = sum * n;
  }
}

// Half-warps that synchronise apart, by masks.
KERNEL half_warps(const int* in, int* out, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x, lane = t % 32;
  unsigned mask = lane < 16 ? 0xffffu : 0xffff0000u;
  int sum = 0;
  for (int r = 0; r < n + (lane < 16 ? 1 : 0); r++) {
    tile[t] = in[t] + r;
    __syncwarp(mask);
    sum += tile[t ^ 15];
    __syncwarp(mask);
  }
  out[t] = sum;
}

// Votes of the block order memory as its barrier does.
KERNEL voting(const int* in, int* out, int n) {
  __shared__ int tile[96];
  int t = threadIdx.x;
  tile[t] = in[t];
  int odd = __syncthreads_count(in[t] & 1);
  int v = tile[95 - t];
  bool any = __syncthreads_or(v == n);
  tile[t] = v + odd + any;
  if (__syncthreads_and(v >= 0)) out[t] = tile[(t + 40) % 96];
}

// Threads that have nothing to do leave before the others meet.
KERNEL early_return(const int* in, int* out, int n) {
  __shared__ int tile[128];
  int t = threadIdx.x;
  if (t >= n) return;
  tile[t] = in[t];
  __syncthreads();
  out[t] = tile[n - 1 - t];
}

// One room for two things, one after the other; all write the same value where they share a word.
KERNEL shared_room(const int* in, int* out, int n) {
  __shared__ int room[64];
  short* halves = (short*)room;
  int t = threadIdx.x;
  halves[t] = (short)in[t];
  __syncthreads();
  int v = halves[63 - t];
  __syncthreads();
  room[t] = v * 3;
  __syncthreads();
  v = room[t ^ 1];
  __syncthreads();
  room[0] = n;
  __syncthreads();
  out[t] = v + room[0];
}

// The library's barrier between a warp that makes and warps that take; two boxes.
KERNEL producer_warp(const int* in, int* out, int n) {
  using barrier = cuda::barrier<cuda::thread_scope_block>;
  __shared__ int boxes[2][32];
  __shared__ barrier bars[4];
  auto block = cg::this_thread_block();
  if (block.thread_rank() < 4) init(&bars[block.thread_rank()], block.size());
  block.sync();
  int lane = threadIdx.x % 32, sum = 0;
  barrier *full = bars, *empty = bars + 2;
  if (threadIdx.x < 32) {
    for (int i = 0; i < n; i++) {
      empty[i % 2].arrive_and_wait();
      boxes[i % 2][lane] = in[i * 32 + lane];
      auto token = full[i % 2].arrive();
    }
  } else {
    auto first = empty[0].arrive(), second = empty[1].arrive();
    for (int i = 0; i < n; i++) {
      full[i % 2].arrive_and_wait();
      sum += boxes[i % 2][31 - lane];
      auto token = empty[i % 2].arrive();
    }
  }
  out[threadIdx.x] = sum;
}

// Copies of a group, of one thread's pipeline, and of the library's barrier.
KERNEL library_copies(const int* in, int* out, int n) {
  __shared__ int rows[3][64];
  __shared__ cuda::barrier<cuda::thread_scope_block> bar;
  auto block = cg::this_thread_block();
  int t = block.thread_rank();
  if (t == 0) init(&bar, block.size());
  cg::memcpy_async(block, rows[0], in, sizeof(int) * 64);
  auto pipe = cuda::make_pipeline();
  pipe.producer_acquire();
  cuda::memcpy_async(&rows[1][t], in + 64 + t, sizeof(int), pipe);
  pipe.producer_commit();
  cg::wait(block);
  cuda::memcpy_async(block, rows[2], in + 128, sizeof(int) * 64, bar);
  pipe.consumer_wait();
  int mine = rows[1][t];
  pipe.consumer_release();
  bar.arrive_and_wait();
  out[t] = rows[0][63 - t] + mine * n + rows[2][(t + 9) % 64];
}

// One who waited for its copies tells by a flag in shared memory.
KERNEL copy_behind_flag(const int* in, int* out, int n) {
  __shared__ int value;
  __shared__ int flag;
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  if (threadIdx.x == 0) {
    unsigned to = (unsigned)__cvta_generic_to_shared(&value);
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(in) : "memory");
    asm volatile("cp.async.wait_all;" ::: "memory");
    cuda::atomic_ref<int, cuda::thread_scope_block>(flag).store(1, cuda::memory_order_release);
  } else {
    while (cuda::atomic_ref<int, cuda::thread_scope_block>(flag).load(cuda::memory_order_acquire) == 0) {}
  }
  out[threadIdx.x] = value * n;
}

KERNEL latched(const int* in, int* out, int n) {
  using latch_type = cuda::latch<cuda::thread_scope_block>;
  __shared__ __align__(8) char room[sizeof(latch_type)];
  __shared__ int tile[64];
  latch_type& latch = *(latch_type*)room;
  int t = threadIdx.x;
  if (t == 0) new (&latch) latch_type(blockDim.x);
  __syncthreads();
  tile[t] = in[t] * n;
  latch.arrive_and_wait();
  out[t] = tile[63 - t];
}

// Sums of doubles as the programming guide has them: a guess is read, and tried until nobody came between.
KERNEL cas_loops(const int* in, int* out, int n) {
  unsigned long long* word = (unsigned long long*)out;
  unsigned long long old = *word, assumed;
  double v = in[blockIdx.x * blockDim.x + threadIdx.x] * n;
  do {
    assumed = old;
    old = atomicCAS(word, assumed, __double_as_longlong(v + __longlong_as_double(assumed)));
  } while (assumed != old);
}

// Lanes of the same key send one of them.
KERNEL leaders(const int* in, int* out, int n) {
  __shared__ int bins[4][16];
  int t = threadIdx.x, warp = t / 32, lane = t % 32;
  for (int i = lane; i < 16; i += 32) bins[warp][i] = 0;
  __syncwarp();
  for (int r = 0; r < n; r++) {
    int key = in[r * blockDim.x + t] & 15;
    unsigned same = __match_any_sync(~0u, key);
    if (lane == __ffs(same) - 1) bins[warp][key] += __popc(same);
    __syncwarp();
  }
  __syncthreads();
  if (t < 16) out[t] = bins[0][t] + bins[1][t] + bins[2][t] + bins[3][t];
}

// Tiles are drawn from a counter until none is left.
__device__ int drawn;
KERNEL drawn_tiles(const int* in, int* out, int n) {
  __shared__ int tile;
  for (;;) {
    __syncthreads();
    if (threadIdx.x == 0) tile = atomicAdd(&drawn, 1);
    __syncthreads();
    if (tile >= n) break;
    out[tile * 32 + threadIdx.x] = in[tile * 32 + 31 - threadIdx.x];
  }
}

// The programming guide's bulk copies: one thread has them begun, all arrive, and the result goes back the same way.
KERNEL guide_bulk(const int* in, int* out, int n) {
  __shared__ alignas(128) int row[64];
  __shared__ cuda::barrier<cuda::thread_scope_block> bar;
  int t = threadIdx.x;
  if (t == 0) init(&bar, blockDim.x);
  __syncthreads();
  if (t == 0) cuda::memcpy_async(row, in + blockIdx.x * 64, cuda::aligned_size_t<16>(sizeof(row)), bar);
  auto token = bar.arrive();
  bar.wait(std::move(token));
  row[t] += n;
  cuda::ptx::fence_proxy_async(cuda::ptx::space_shared);
  __syncthreads();
  if (t == 0) {
    cuda::ptx::cp_async_bulk(cuda::ptx::space_global, cuda::ptx::space_shared, out + blockIdx.x * 64, row, sizeof(row));
    cuda::ptx::cp_async_bulk_commit_group();
    cuda::ptx::cp_async_bulk_wait_group_read(cuda::ptx::n32_t<0>());
  }
}

// A pipeline of which one warp fills the stages and the others empty them.
KERNEL pipeline_roles(const int* in, int* out, int n) {
  __shared__ int stages[2][64];
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, 2> state;
  auto block = cg::this_thread_block();
  auto role = block.thread_rank() < 32 ? cuda::pipeline_role::producer : cuda::pipeline_role::consumer;
  auto pipe = cuda::make_pipeline(block, &state, role);
  if (role == cuda::pipeline_role::producer) {
    for (int i = 0; i < n; i++) {
      pipe.producer_acquire();
      for (int j = threadIdx.x; j < 64; j += 32) cuda::memcpy_async(&stages[i % 2][j], &in[i * 64 + j], sizeof(int), pipe);
      pipe.producer_commit();
    }
  } else {
    int t = threadIdx.x - 32, sum = 0;
    for (int i = 0; i < n; i++) {
      pipe.consumer_wait();
      sum += stages[i % 2][63 - t];
      pipe.consumer_release();
    }
    out[t] = sum;
  }
}
