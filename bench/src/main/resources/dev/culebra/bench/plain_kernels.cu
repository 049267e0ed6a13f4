// Plain fp32 kernels for EmulatorBenchmark. plain_kernels.ptx beside this file is what
//   nvcc -arch=sm_80 -ptx plain_kernels.cu
// makes of it; make it again after a change.

// y = a x + y for n numbers, one a thread. Reads 8 bytes and writes 4 for 2 FLOPs.
extern "C" __global__ void saxpy(int n, float a, const float* x, float* y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    y[i] = a * x[i] + y[i];
  }
}

__device__ float sum_of_block(float value, float* partial) {
  for (int offset = 16; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(0xffffffff, value, offset);
  }
  int warp = threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  __syncthreads();
  if (lane == 0) {
    partial[warp] = value;
  }
  __syncthreads();
  value = lane < blockDim.x / 32 ? partial[lane] : 0.0f;
  for (int offset = 16; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(0xffffffff, value, offset);
  }
  return value;
}

// y = (x - mean) / sqrt(variance + 1e-5) * weight + bias for each row [C]; a block a row, of a
// multiple of 32 threads.
extern "C" __global__ void layer_norm(const float* x, const float* weight, const float* bias,
                                      float* y, int C) {
  __shared__ float partial[32];
  const float* row = x + (size_t)blockIdx.x * C;
  float* out = y + (size_t)blockIdx.x * C;
  float sum = 0.0f;
  for (int i = threadIdx.x; i < C; i += blockDim.x) {
    sum += row[i];
  }
  float mean = sum_of_block(sum, partial) / C;
  float squares = 0.0f;
  for (int i = threadIdx.x; i < C; i += blockDim.x) {
    float distance = row[i] - mean;
    squares += distance * distance;
  }
  float scale = rsqrtf(sum_of_block(squares, partial) / C + 1e-5f);
  for (int i = threadIdx.x; i < C; i += blockDim.x) {
    out[i] = (row[i] - mean) * scale * weight[i] + bias[i];
  }
}

// Nothing: what a launch itself costs.
extern "C" __global__ void empty() {}
