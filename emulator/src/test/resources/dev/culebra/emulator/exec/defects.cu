// Defects of single accesses, each beside the same kernel without it.
#define KERNEL extern "C" __global__ void

KERNEL store_right(float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = i;
}
KERNEL store_off_by_one(float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) out[i] = i;  // one too far
}
KERNEL load_before(const float* in, float* out) {
  out[threadIdx.x] = in[threadIdx.x] + in[(int)threadIdx.x - 1];  // -1 for the first thread
}
KERNEL copied(const float* in, float* out) {
  out[threadIdx.x] = in[threadIdx.x];  // of what is given
}
KERNEL unaligned(const char* in, float4* out) {
  out[threadIdx.x] = *(const float4*)(in + threadIdx.x * 16 + 4);  // 4 bytes off
}
__constant__ int fixed[4] = {1, 2, 3, 4};
KERNEL writes_constant(int* out) {
  int* p = (int*)fixed + threadIdx.x;
  out[threadIdx.x] = *p;
  asm volatile("st.u32 [%0], 7;" ::"l"(p) : "memory");  // a constant
}
KERNEL beyond_shared(float* out) {
  extern __shared__ float box[];
  box[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = box[threadIdx.x + 1];  // the last thread reads beyond
}
KERNEL before_shared(float* out) {
  extern __shared__ float box[];
  box[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = box[(int)threadIdx.x - 1];  // the first thread reads before
}
KERNEL half_written(float* out) {
  __shared__ float box[64];
  if (threadIdx.x < 32) box[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = box[threadIdx.x];  // half of it is anything
}
KERNEL fully_written(float* out) {
  __shared__ float box[64];
  if (threadIdx.x < 64) box[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = box[threadIdx.x];
}
KERNEL adds(int* sums) {
  atomicAdd(&sums[threadIdx.x % 4], 1);  // to what was there
}
KERNEL bytes_written_one_by_one(unsigned char* bytes, unsigned* out, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) bytes[i] = i;
  __syncthreads();
  out[threadIdx.x] = ((unsigned*)bytes)[threadIdx.x];  // of four bytes
}
