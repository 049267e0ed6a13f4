// Clean kernels that MutantTest breaks by program: every barrier, wait, fence and guard in them is needed.
// All take (in, out, n); what n is, each says.
#define KERNEL extern "C" __global__ void
#define ASM asm volatile
// A loop that stays one, so that all of its code is executed.
#define FOR _Pragma("unroll 1") for

__device__ inline unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }
__device__ inline void copy16(void* to, const void* from) {
  ASM("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(to)), "l"(from) : "memory");
}
__device__ inline void copy4(void* to, const void* from) {
  ASM("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(shared_address(to)), "l"(from) : "memory");
}
__device__ inline void commit() { ASM("cp.async.commit_group;" ::: "memory"); }
template <int N> __device__ inline void wait() { ASM("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// out[n, n] = in[n, n] * in[n, n] by tiles of 8 * 8; n no multiple of 8.
KERNEL matmul(const int* in, int* out, int n) {
  __shared__ int left[8][8], right[8][8];
  int row = blockIdx.y * 8 + threadIdx.y, column = blockIdx.x * 8 + threadIdx.x, sum = 0;
  FOR (int k = 0; k < n; k += 8) {
    int a = k + threadIdx.x, b = k + threadIdx.y;
    left[threadIdx.y][threadIdx.x] = row < n && a < n ? in[row * n + a] : 0;
    right[threadIdx.y][threadIdx.x] = b < n && column < n ? in[b * n + column] : 0;
    __syncthreads();
    FOR (int i = 0; i < 8; i++) sum += left[threadIdx.y][i] * right[i][threadIdx.x];
    __syncthreads();
  }
  if (row < n && column < n) out[row * n + column] = sum;
}

// out[block] = a block's part of the sum of in[n].
KERNEL block_sum(const int* in, int* out, int n) {
  __shared__ int parts[128];
  int t = threadIdx.x, sum = 0;
  FOR (int i = blockIdx.x * blockDim.x + t; i < n; i += gridDim.x * blockDim.x) sum += in[i];
  parts[t] = sum;
  __syncthreads();
  FOR (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (t < half) parts[t] += parts[t + half];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = parts[0];
}

// out[32] = in[32 * n] summed over n by lanes that exchange through shared memory.
KERNEL warp_sum(const int* in, int* out, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  tile[t + 32] = 0;
  tile[t] = in[t] + n;
  __syncwarp();
  FOR (int step = 16; step > 0; step /= 2) {
    int other = tile[t + step];
    __syncwarp();
    tile[t] += other;
    __syncwarp();
  }
  out[t] = tile[0];
}

// out[20, n] = transpose of in[n, 20].
KERNEL transpose(const int* in, int* out, int n) {
  __shared__ int tile[8][9];
  int x = blockIdx.x * 8 + threadIdx.x, y = blockIdx.y * 8 + threadIdx.y;
  if (x < 20 && y < n) tile[threadIdx.y][threadIdx.x] = in[y * 20 + x];
  __syncthreads();
  x = blockIdx.y * 8 + threadIdx.x, y = blockIdx.x * 8 + threadIdx.y;
  if (x < n && y < 20) out[y * n + x] = tile[threadIdx.x][threadIdx.y];
}

// out[64] = sums of n tiles of 256 through three buffers that cp.async fills.
KERNEL ring(const int* in, int* out, int n) {
  __shared__ __align__(16) int buffers[3][256];
  int t = threadIdx.x, sum = 0;
  FOR (int i = 0; i < 2; i++) {
    copy16(&buffers[i][4 * t], in + 256 * i + 4 * t);
    commit();
  }
  FOR (int i = 0; i < n; i++) {
    wait<1>();
    __syncthreads();
    if (i + 2 < n) copy16(&buffers[(i + 2) % 3][4 * t], in + 256 * (i + 2) + 4 * t);
    commit();
    FOR (int j = 0; j < 4; j++) sum += buffers[i % 3][(t + 64 * j + 17) % 256];
  }
  out[t] = sum;
}

// out[64] = sums of n tiles of 64, one computed with while the next comes.
KERNEL double_buffer(const int* in, int* out, int n) {
  __shared__ int buffers[2][64];
  int t = threadIdx.x, sum = 0;
  copy4(&buffers[0][t], in + t);
  commit();
  FOR (int i = 0; i + 1 < n; i++) {
    copy4(&buffers[(i + 1) % 2][t], in + 64 * (i + 1) + t);
    commit();
    wait<1>();
    __syncthreads();
    sum += buffers[i % 2][63 - t] * (i + 1);
    __syncthreads();
  }
  ASM("cp.async.wait_all;" ::: "memory");
  __syncthreads();
  out[t] = sum + buffers[(n - 1) % 2][63 - t] * n;
}

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

// out[64] = sums of n tiles of 32 that the first warp makes and two others take, by mbarriers.
KERNEL mbarrier_pipeline(const int* in, int* out, int n) {
  __shared__ int buffers[2][32];
  __shared__ __align__(8) unsigned long long full[2], empty[2];
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  if (threadIdx.x == 0) {
    FOR (int i = 0; i < 2; i++) init(&full[i], 32), init(&empty[i], 64);
  }
  __syncthreads();
  if (warp == 0) {
    FOR (int i = 0; i < n; i++) {
      wait(&empty[i % 2], (i / 2 + 1) % 2);
      buffers[i % 2][lane] = in[32 * i + lane];
      arrive(&full[i % 2]);
    }
  } else {
    int sum = 0;
    FOR (int i = 0; i < n; i++) {
      wait(&full[i % 2], i / 2 % 2);
      sum += buffers[i % 2][31 - lane];
      arrive(&empty[i % 2]);
    }
    out[threadIdx.x - 32] = sum * warp;
  }
}

// out[64] = sums of n tiles that cp.async brings and an mbarrier tells of.
KERNEL mbarrier_copies(const int* in, int* out, int n) {
  __shared__ int tile[64];
  __shared__ __align__(8) unsigned long long full;
  int t = threadIdx.x, sum = 0;
  if (t == 0) init(&full, 64);
  __syncthreads();
  FOR (int i = 0; i < n; i++) {
    copy4(&tile[t], in + 64 * i + t);
    ASM("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(shared_address(&full)) : "memory");
    wait(&full, i % 2);
    sum += tile[63 - t];
    __syncthreads();
  }
  out[t] = sum;
}

// out[64 * n] = twice in[64 * n]: bulk copies bring rows and take them away.
KERNEL bulk(const int* in, int* out, int n) {
  __shared__ __align__(128) int rows[2][64];
  __shared__ __align__(8) unsigned long long full[2];
  int t = threadIdx.x;
  if (t == 0) {
    FOR (int i = 0; i < 2; i++) init(&full[i], 1);
  }
  __syncthreads();
  FOR (int i = 0; i < n; i++) {
    int* row = rows[i % 2];
    unsigned barrier = shared_address(&full[i % 2]);
    if (t == 0) {
      ASM("cp.async.bulk.wait_group.read 1;" ::: "memory");
      ASM("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], 256;" ::"r"(barrier) : "memory");
      ASM("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], 256, [%2];" ::"r"(
              shared_address(row)),
          "l"(in + 64 * i), "r"(barrier)
          : "memory");
    }
    wait(&full[i % 2], i / 2 % 2);
    row[t] *= 2;
    ASM("fence.proxy.async.shared::cta;" ::: "memory");
    __syncthreads();
    if (t == 0) {
      ASM("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], 256;" ::"l"(out + 64 * i), "r"(shared_address(row)) : "memory");
      ASM("cp.async.bulk.commit_group;" ::: "memory");
    }
  }
  if (t == 0) ASM("cp.async.bulk.wait_group 0;" ::: "memory");
}

// out[block, n] = softmax of a row of in, a block a row, n no multiple of 32.
KERNEL softmax(const float* in, float* out, int n) {
  __shared__ float of_warp[2];
  int t = threadIdx.x, lane = t % 32, warp = t / 32;
  const float* row = in + blockIdx.x * n;
  float most = -1e30f;
  FOR (int i = t; i < n; i += 64) most = fmaxf(most, row[i]);
  FOR (int step = 16; step > 0; step /= 2) most = fmaxf(most, __shfl_xor_sync(~0u, most, step));
  if (lane == 0) of_warp[warp] = most;
  __syncthreads();
  most = fmaxf(of_warp[0], of_warp[1]);
  __syncthreads();
  float sum = 0;
  FOR (int i = t; i < n; i += 64) sum += __expf(row[i] - most);
  FOR (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, step);
  if (lane == 0) of_warp[warp] = sum;
  __syncthreads();
  sum = of_warp[0] + of_warp[1];
  FOR (int i = t; i < n; i += 64) out[blockIdx.x * n + i] = __expf(row[i] - most) / sum;
}

// out[block, n] = in's row without its mean and of deviation 1.
KERNEL layer_norm(const float* in, float* out, int n) {
  __shared__ float row[100];
  __shared__ float sums[64];
  int t = threadIdx.x;
  float sum = 0, squares = 0;
  FOR (int i = t; i < n; i += 64) sum += row[i] = in[blockIdx.x * n + i];
  sums[t] = sum;
  FOR (int half = 32; half > 0; half /= 2) {
    __syncthreads();
    if (t < half) sums[t] += sums[t + half];
  }
  __syncthreads();
  float mean = sums[0] / n;
  __syncthreads();
  FOR (int i = t; i < n; i += 64) squares += (row[i] - mean) * (row[i] - mean);
  sums[t] = squares;
  FOR (int half = 32; half > 0; half /= 2) {
    __syncthreads();
    if (t < half) sums[t] += sums[t + half];
  }
  __syncthreads();
  float scale = rsqrtf(sums[0] / n + 1e-5f);
  FOR (int i = t; i < n; i += 64) out[blockIdx.x * n + i] = (row[i] - mean) * scale;
}

// out[64 * n]: half of the threads make rows, the others turn them round, by named barriers.
KERNEL hand_over(const int* in, int* out, int n) {
  __shared__ int tile[64];
  int t = threadIdx.x % 64;
  if (threadIdx.x < 64) {
    FOR (int i = 0; i < n; i++) {
      ASM("bar.sync 2, 128;" ::: "memory");
      tile[t] = in[i * 64 + t] * 3;
      ASM("bar.arrive 1, 128;" ::: "memory");
    }
  } else {
    FOR (int i = 0; i < n; i++) {
      ASM("bar.arrive 2, 128;" ::: "memory");
      ASM("bar.sync 1, 128;" ::: "memory");
      out[i * 64 + t] = tile[63 - t];
    }
  }
}

// out[32] counts in[n] by its last bits.
KERNEL histogram(const int* in, int* out, int n) {
  __shared__ int mine[32];
  if (threadIdx.x < 32) mine[threadIdx.x] = 0;
  __syncthreads();
  FOR (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&mine[in[i] & 31], 1);
  __syncthreads();
  if (threadIdx.x < 32) atomicAdd(&out[threadIdx.x], mine[threadIdx.x]);
}

// out[i] = sum of in[0 .. i], by doubling steps; n threads.
KERNEL scan(const int* in, int* out, int n) {
  __shared__ int sums[96];
  int t = threadIdx.x;
  sums[t] = in[t];
  __syncthreads();
  FOR (int step = 1; step < n; step *= 2) {
    int other = t >= step ? sums[t - step] : 0;
    __syncthreads();
    sums[t] += other;
    __syncthreads();
  }
  out[t] = sums[t];
}

__device__ int prefixes[4];
__device__ int flags[4];

// out[block] = sum of in[0 .. block]: each block hands its sum to the next by a flag.
KERNEL look_back(const int* in, int* out, int n) {
  if (threadIdx.x == 0) {
    int b = blockIdx.x, sum = in[b], seen = 0;
    if (b > 0) {
      do {
        ASM("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(flags + b - 1) : "memory");
      } while (seen == 0);
      sum += prefixes[b - 1];
    }
    prefixes[b] = sum;
    ASM("st.release.gpu.global.u32 [%0], %1;" ::"l"(flags + b), "r"(n) : "memory");
    out[b] = sum;
  }
}

// out[0] = sum of in[64 * blocks], added up by the block that comes last.
__device__ int parts[4];
__device__ unsigned arrived;
KERNEL last_block(const int* in, int* out, int n) {
  __shared__ bool last;
  int sum = in[blockIdx.x * 32 + threadIdx.x];
  FOR (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, step);
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = sum;
    __threadfence();
    last = atomicInc(&arrived, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x < gridDim.x) atomicAdd(out, parts[threadIdx.x] * n);
}

// out[32 * blocks]: blocks of a cooperative launch add what their neighbours have, behind a barrier of their own.
__device__ unsigned count;
__device__ inline void grid_wait(unsigned goal) {
  __syncthreads();
  if (threadIdx.x == 0) {
    unsigned seen;
    ASM("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(&count) : "memory");
    do {
      ASM("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(&count) : "memory");
    } while (seen < goal);
  }
  __syncthreads();
}
KERNEL grid_barrier(const int* in, int* out, int n) {
  int i = blockIdx.x * 64 + threadIdx.x, all = gridDim.x * 64;
  out[i] = in[i];
  FOR (int round = 0; round < n; round++) {
    grid_wait(gridDim.x * (2 * round + 1));
    int other = out[(i + 64 + 31) % all];
    grid_wait(gridDim.x * (2 * round + 2));
    out[i] += other;
  }
}
