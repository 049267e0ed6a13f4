// Products of matrices on tensor cores, by nvcuda::wmma and by hand.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

#include <cstdint>

namespace wmma = nvcuda::wmma;

// One warp for a tile of D = alpha * A * B + C, K in steps of the tile's own.
template <int M, int N, int K, typename In, typename LayoutB, typename Sum, typename Memory>
static __device__ void tile(const Memory* a, const Memory* b, const Sum* c, Sum* d, int depth,
                            Sum alpha) {
  wmma::fragment<wmma::matrix_a, M, N, K, In, wmma::row_major> left;
  wmma::fragment<wmma::matrix_b, M, N, K, In, LayoutB> right;
  wmma::fragment<wmma::accumulator, M, N, K, Sum> sum, addend;
  wmma::fill_fragment(sum, Sum(0));
  for (int k = 0; k < depth; k += K) {
    wmma::load_matrix_sync(left, a + k, depth);
    bool columns = __is_same(LayoutB, wmma::col_major);
    wmma::load_matrix_sync(right, columns ? b + k : b + k * N, columns ? depth : N);
    wmma::mma_sync(sum, left, right, sum);
  }
  wmma::load_matrix_sync(addend, c, N, wmma::mem_row_major);
  for (int i = 0; i < sum.num_elements; i++) sum.x[i] = alpha * sum.x[i] + addend.x[i];
  wmma::store_matrix_sync(d, sum, N, wmma::mem_row_major);
}

extern "C" __global__ void halves(const half* a, const half* b, const float* c, float* d, int depth) {
  tile<16, 16, 16, half, wmma::row_major, float>(a, b, c, d, depth, 0.5f);
}

extern "C" __global__ void wide(const __nv_bfloat16* a, const __nv_bfloat16* b, const float* c, float* d,
                                int depth) {
  tile<8, 32, 16, __nv_bfloat16, wmma::col_major, float>(a, b, c, d, depth, 0.5f);
}

extern "C" __global__ void tall(const signed char* a, const signed char* b, const int* c, int* d,
                                int depth) {
  tile<32, 8, 16, signed char, wmma::col_major, int>(a, b, c, d, depth, 3);
}

extern "C" __global__ void doubles(const double* a, const double* b, const double* c, double* d,
                                   int depth) {
  tile<8, 8, 4, double, wmma::row_major, double>(a, b, c, d, depth, 0.5);
}

// D[64, 64] = A[64, depth] * B[depth, 64]^T, both bf16 and row-major with depth together; four
// warps, each for 16 rows. Fragments come from shared memory by ldmatrix, and go back by stmatrix.
static const int SIDE = 64;
static const int STEP = 32;
static const int PITCH = STEP + 8;  // keeps rows apart in banks

extern "C" __global__ void __launch_bounds__(128)
    by_hand(const __nv_bfloat16* a, const __nv_bfloat16* b, __nv_bfloat16* d, int depth) {
  __shared__ alignas(16) __nv_bfloat16 rows[SIDE][PITCH], columns[SIDE][PITCH];
  __shared__ alignas(16) __nv_bfloat16 out[SIDE][SIDE + 8];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float sum[8][4] = {};
  for (int start = 0; start < depth; start += STEP) {
    for (int i = threadIdx.x; i < SIDE * STEP / 8; i += blockDim.x) {
      int row = i / (STEP / 8), column = i % (STEP / 8) * 8;
      *(uint4*)&rows[row][column] = *(const uint4*)&a[row * depth + start + column];
      *(uint4*)&columns[row][column] = *(const uint4*)&b[row * depth + start + column];
    }
    __syncthreads();
    for (int k = 0; k < STEP; k += 16) {
      uint32_t left[4];
      uint32_t at = (uint32_t)__cvta_generic_to_shared(&rows[warp * 16 + lane % 16][k + lane / 16 * 8]);
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(left[0]), "=r"(left[1]), "=r"(left[2]), "=r"(left[3])
                   : "r"(at));
      for (int n = 0; n < 8; n++) {
        uint32_t right[2];
        at = (uint32_t)__cvta_generic_to_shared(&columns[n * 8 + lane % 8][k + lane / 8 % 2 * 8]);
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
                     : "=r"(right[0]), "=r"(right[1])
                     : "r"(at));
        asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
            "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
            : "+f"(sum[n][0]), "+f"(sum[n][1]), "+f"(sum[n][2]), "+f"(sum[n][3])
            : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[0]), "r"(right[1]));
      }
    }
    __syncthreads();
  }
  for (int n = 0; n < 8; n += 2) {
    __nv_bfloat162 packed[4];
    for (int i = 0; i < 4; i++) {
      packed[i] = __floats2bfloat162_rn(sum[n + i / 2][i % 2 * 2], sum[n + i / 2][i % 2 * 2 + 1]);
    }
    uint32_t at = (uint32_t)__cvta_generic_to_shared(
        &out[warp * 16 + lane % 16][(n + lane / 16) * 8]);
    asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(at),
                 "r"(*(uint32_t*)&packed[0]), "r"(*(uint32_t*)&packed[1]),
                 "r"(*(uint32_t*)&packed[2]), "r"(*(uint32_t*)&packed[3])
                 : "memory");
  }
  __syncthreads();
  for (int i = threadIdx.x; i < SIDE * SIDE; i += blockDim.x) {
    d[i] = out[i / SIDE][i % SIDE];
  }
}
