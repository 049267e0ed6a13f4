// Asynchronous copies, right and (where the name says so) wrong in one place.
#include <cooperative_groups.h>
#include <cuda/barrier>
#include <cuda/pipeline>

#define KERNEL extern "C" __global__ void

__device__ inline unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }
__device__ inline void copy16(void* to, const void* from, int bytes = 16) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(from), "r"(bytes) : "memory");
}
__device__ inline void copy4(void* to, const void* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address(to)), "l"(from) : "memory");
}
__device__ inline void commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> __device__ inline void wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// Sums columns of tiles of 4 * 64 numbers through a ring of three buffers.
template <int PENDING, bool BARRIER>
__device__ void ring(const float* in, float* out, int tiles) {
  __shared__ __align__(16) float buffers[3][256];
  int t = threadIdx.x;
  float sum = 0;
  for (int i = 0; i < 2; i++) {
    if (i < tiles) copy16(&buffers[i][4 * t], in + 256 * i + 4 * t);
    commit();
  }
  for (int i = 0; i < tiles; i++) {
    wait<PENDING>();
    if (BARRIER) __syncthreads();
    if (i + 2 < tiles) copy16(&buffers[(i + 2) % 3][4 * t], in + 256 * (i + 2) + 4 * t);
    commit();
    for (int j = 0; j < 4; j++) sum += buffers[i % 3][(t + 64 * j + 17) % 256];
  }
  out[t] = sum;
}
KERNEL ring_right(const float* in, float* out, int tiles) { ring<1, true>(in, out, tiles); }
KERNEL ring_waits_for_too_few(const float* in, float* out, int tiles) { ring<2, true>(in, out, tiles); }
KERNEL ring_without_barrier(const float* in, float* out, int tiles) { ring<1, false>(in, out, tiles); }

// The last row is only partly there: the rest has to be zeros.
KERNEL partial(const float* in, float* out, int n) {
  __shared__ __align__(16) float buffer[256];
  int at = 4 * threadIdx.x, left = n - at;
  int bytes = left >= 4 ? 16 : left > 0 ? 4 * left : 0;
  copy16(&buffer[at], bytes > 0 ? in + at : nullptr, bytes);
  asm volatile("cp.async.wait_all;" ::: "memory");
  for (int i = 0; i < 4; i++) out[at + i] = buffer[at + i];
}

template <bool WAIT>
__device__ void with_mbarrier(const float* in, float* out) {
  __shared__ float buffer[128];
  __shared__ __align__(8) unsigned long long barrier;
  unsigned b = shared_address(&barrier);
  int t = threadIdx.x;
  if (t == 0) asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(b), "r"(blockDim.x) : "memory");
  __syncthreads();
  copy4(&buffer[t], in + t);
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(b) : "memory");
  if (WAIT) {
    asm volatile("{ .reg .pred p; again: mbarrier.test_wait.parity.shared.b64 p, [%0], 0; @!p bra again; }" ::"r"(b) : "memory");
  }
  out[t] = buffer[(t + 1) % 128];
}
KERNEL mbarrier_right(const float* in, float* out) { with_mbarrier<true>(in, out); }
KERNEL mbarrier_without_wait(const float* in, float* out) { with_mbarrier<false>(in, out); }

// One thread has a row copied, all wait for its bytes; then the row goes back the same way.
template <bool WAIT>
__device__ void bulk(const float* in, float* out, int rounds) {
  __shared__ __align__(128) float rows[2][256];
  __shared__ __align__(8) unsigned long long barriers[2];
  int t = threadIdx.x;
  if (t == 0) {
    for (int i = 0; i < 2; i++) asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(shared_address(&barriers[i])) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  __syncthreads();
  for (int r = 0; r < rounds; r++) {
    float* row = rows[r % 2];
    unsigned b = shared_address(&barriers[r % 2]);
    if (t == 0) {
      asm volatile("cp.async.bulk.wait_group.read 1;" ::: "memory");
      asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], 1024;" ::"r"(b) : "memory");
      asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], 1024, [%2];" ::"r"(shared_address(row)), "l"(in + 256 * r), "r"(b) : "memory");
    }
    if (WAIT) {
      asm volatile("{ .reg .pred p; again: mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1; @!p bra again; }" ::"r"(b), "r"(r / 2 % 2) : "memory");
    }
    row[t] = row[t] * 2;
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    if (t == 0) {
      asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], 1024;" ::"l"(out + 256 * r), "r"(shared_address(row)) : "memory");
      asm volatile("cp.async.bulk.commit_group;" ::: "memory");
    }
  }
  if (t == 0) asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
}
KERNEL bulk_right(const float* in, float* out, int rounds) { bulk<true>(in, out, rounds); }
KERNEL bulk_without_wait(const float* in, float* out, int rounds) { bulk<false>(in, out, rounds); }

KERNEL bulk_reduce(const int* in, int* out) {
  __shared__ __align__(128) int row[64];
  row[threadIdx.x] = in[blockIdx.x * 64 + threadIdx.x];
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  if (threadIdx.x == 0) {
    asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.u32 [%0], [%1], 256;" ::"l"(out), "r"(shared_address(row)) : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
  }
}

// libcu++'s own barrier and pipeline.
KERNEL library_barrier(const int* in, int* out) {
  __shared__ int buffer[256];
  __shared__ cuda::barrier<cuda::thread_scope_block> barrier;
  auto block = cooperative_groups::this_thread_block();
  if (block.thread_rank() == 0) init(&barrier, block.size());
  block.sync();
  cuda::memcpy_async(block, buffer, in, sizeof(int) * 256, barrier);
  barrier.arrive_and_wait();
  int v = buffer[255 - threadIdx.x];
  auto token = barrier.arrive();
  barrier.wait(std::move(token));
  out[threadIdx.x] = v;
}

KERNEL library_pipeline(const int* in, int* out, int tiles) {
  __shared__ int buffers[2][128];
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, 2> state;
  auto block = cooperative_groups::this_thread_block();
  auto pipe = cuda::make_pipeline(block, &state);
  int sum = 0;
  for (int fetched = 0, i = 0; i < tiles; i++) {
    for (; fetched < tiles && fetched < i + 2; fetched++) {
      pipe.producer_acquire();
      cuda::memcpy_async(block, buffers[fetched % 2], in + 128 * fetched, sizeof(int) * 128, pipe);
      pipe.producer_commit();
    }
    pipe.consumer_wait();
    sum += buffers[i % 2][(threadIdx.x + 5) % 128];
    pipe.consumer_release();
  }
  out[threadIdx.x] = sum;
}
