// What a parser meets: templates, structs, calls, tables of functions, inline assembly, and the
// headers of CUDA that are full of it.
#include <cassert>
#include <cooperative_groups.h>
#include <cooperative_groups/memcpy_async.h>
#include <cooperative_groups/reduce.h>
#include <cstdio>
#include <cuda/barrier>
#include <cuda/pipeline>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <mma.h>

#pragma nv_diag_suppress static_var_with_dynamic_init

namespace cg = cooperative_groups;

struct Vertex {
  int id;
  float weights[5];
  double mass;
};

__constant__ float table[2][3] = {{1, 2, 3}, {4}};
__device__ int counter = 7;
__device__ const char *names[] = {"first", "second"};
__managed__ unsigned shared_with_host = 1;
extern __shared__ float dynamic[];

__device__ __noinline__ float square(float x) { return x * x; }
__device__ __noinline__ float cube(float x) { return x * x * x; }
__device__ float (*functions[2])(float) = {square, cube};

__device__ __noinline__ Vertex moved(Vertex vertex, int by) {
  vertex.id += by;
  vertex.weights[by & 3] = vertex.mass;
  return vertex;
}

__device__ __noinline__ int factorial(int n) { return n < 2 ? 1 : n * factorial(n - 1); }

template <typename T, int WIDTH>
__global__ void __launch_bounds__(256, 2) mixed(T *values, const Vertex vertex, int n) {
  __shared__ T tile[WIDTH + 1];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  tile[threadIdx.x % WIDTH] = values[i];
  __syncthreads();
  assert(n > 0);
  if (i < n) {
    printf("%d %f %s\n", i, static_cast<float>(values[i]), names[i & 1]);
    values[i] = T(functions[i & 1](static_cast<float>(tile[i % WIDTH]))) *
                T(table[i & 1][i % 3]) + T(moved(vertex, i).weights[2]);
  }
  switch (n) {
    case 0: values[0] = T(1); break;
    case 1: values[1] = values[3] + values[2]; break;
    case 2: values[2] = values[4] + T(1); break;
    case 3: values[9] = T(sinf(static_cast<float>(values[1]))); break;
    case 4: values[3] = T(factorial(n)); break;
    case 5: values[7] = values[4] / values[2]; break;
    default: values[1] = T(7.5f);
  }
  for (int wait = 0; wait < 2; wait++) {
    asm volatile(
        "{\n\t"
        ".reg .pred p;\n\t"
        ".reg .b32 t;\n\t"
        "mov.b32 t, %0;\n"
        "LAB_WAIT:\n\t"
        "setp.gt.s32 p, t, 3;\n\t"
        "@p bra.uni DONE;\n\t"
        "add.s32 t, t, 1;\n\t"
        "bra.uni LAB_WAIT;\n"
        "DONE:\n\t"
        "}" ::"r"(n));
  }
  dynamic[threadIdx.x] = static_cast<float>(values[i]);
  atomicAdd(&counter, 1);
}

template __global__ void mixed<float, 32>(float *, const Vertex, int);
template __global__ void mixed<__nv_bfloat16, 33>(__nv_bfloat16 *, const Vertex, int);
template __global__ void mixed<__half, 17>(__half *, const Vertex, int);

__global__ void groups(float *values, int n) {
  cg::grid_group grid = cg::this_grid();
  auto block = cg::this_thread_block();
  auto warp = cg::tiled_partition<32>(block);
  auto half = cg::tiled_partition<16>(warp);
  float sum = cg::reduce(warp, values[grid.thread_rank()], cg::plus<float>());
  sum += half.shfl_down(sum, 3) + warp.ballot(sum > 0) + warp.match_any(n);
  cg::memcpy_async(block, dynamic, values, sizeof(float) * block.size());
  cg::wait(block);
  grid.sync();
  values[grid.thread_rank()] = sum + dynamic[block.thread_rank()];
  shared_with_host = n;
}

__global__ void pipelined(float *values) {
  __shared__ cuda::pipeline_shared_state<cuda::thread_scope_block, 2> state;
  __shared__ float buffer[2][128];
  auto block = cg::this_thread_block();
  auto pipeline = cuda::make_pipeline(block, &state);
  for (int i = 0; i < 4; i++) {
    pipeline.producer_acquire();
    cuda::memcpy_async(block, buffer[i & 1], values + i * 128, sizeof(float) * 128, pipeline);
    pipeline.producer_commit();
    pipeline.consumer_wait();
    values[block.thread_rank()] += buffer[i & 1][127 - block.thread_rank()];
    pipeline.consumer_release();
  }
}

__global__ void barriers(float *values) {
  __shared__ cuda::barrier<cuda::thread_scope_block> barrier;
  __shared__ float buffer[256];
  if (threadIdx.x == 0) {
    init(&barrier, blockDim.x);
  }
  __syncthreads();
  cuda::memcpy_async(buffer + threadIdx.x, values + threadIdx.x, sizeof(float), barrier);
  barrier.arrive_and_wait();
  values[threadIdx.x] = buffer[255 - threadIdx.x];
}

__global__ void matrices(const __half *a, const __half *b, float *c, __nv_fp8_e4m3 *d) {
  using namespace nvcuda::wmma;
  fragment<matrix_a, 16, 16, 16, half, row_major> fa;
  fragment<matrix_b, 16, 16, 16, half, col_major> fb;
  fragment<accumulator, 16, 16, 16, float> fc;
  fill_fragment(fc, 0.f);
  load_matrix_sync(fa, a, 16);
  load_matrix_sync(fb, b, 16);
  mma_sync(fc, fa, fb, fc);
  store_matrix_sync(c, fc, 16, mem_row_major);
  d[threadIdx.x] = __nv_fp8_e4m3(c[threadIdx.x]);
}
