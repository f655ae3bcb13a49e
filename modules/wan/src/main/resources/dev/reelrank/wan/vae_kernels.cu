// The VAE's norm and SiLU in one pass, for videos whose channels lie last in memory.
// What is normalised is x plus a number for each channel (before), or x (null). CHANNELS comes as a definition; sixteen threads share a position.

__device__ __forceinline__ float2 get(u32 w) { return make_float2(low(w), high(w)); }
__device__ __forceinline__ float2 get(float2 w) { return w; }
__device__ __forceinline__ void put(u32* at, float2 v) { *at = pack(v.x, v.y); }
__device__ __forceinline__ void put(float2* at, float2 v) { *at = v; }

template <typename PAIR>
__device__ __forceinline__ void normSilu(const PAIR* x, const PAIR* before, const PAIR* gamma, PAIR* out, long long positions) {
    const int lane = threadIdx.x & 15;
    const int PAIRS = CHANNELS / 2;
    const int EACH = (PAIRS + 15) / 16;
    long long stride = (long long) gridDim.x * (blockDim.x / 16);
    for (long long p = (long long) blockIdx.x * (blockDim.x / 16) + threadIdx.x / 16; p < positions; p += stride) {
        float2 v[EACH];
        float squares = 0.f;
#pragma unroll
        for (int i = 0; i < EACH; i++) {
            int c = lane + i * 16;
            v[i] = c < PAIRS ? get(x[p * PAIRS + c]) : make_float2(0.f, 0.f);
            if (before && c < PAIRS) {
                float2 b = get(before[c]);
                v[i].x += b.x;
                v[i].y += b.y;
            }
            squares += v[i].x * v[i].x + v[i].y * v[i].y;
        }
#pragma unroll
        for (int o = 8; o; o >>= 1) squares += __shfl_xor_sync(__activemask(), squares, o, 16);
        float r = sqrtf((float) CHANNELS) / fmaxf(sqrtf(squares), 1e-12f);
#pragma unroll
        for (int i = 0; i < EACH; i++) {
            int c = lane + i * 16;
            if (c < PAIRS) {
                float2 g = get(gamma[c]);
                put(out + p * PAIRS + c, make_float2(silu(v[i].x * r * g.x), silu(v[i].y * r * g.y)));
            }
        }
    }
}
extern "C" __global__ void __launch_bounds__(256) norm_silu_bf16(const u32* x, const u32* before, const u32* gamma, u32* out, long long positions) {
    normSilu(x, before, gamma, out, positions);
}
extern "C" __global__ void __launch_bounds__(256) norm_silu_float(const float2* x, const float2* before, const float2* gamma, float2* out,
        long long positions) {
    normSilu(x, before, gamma, out, positions);
}
