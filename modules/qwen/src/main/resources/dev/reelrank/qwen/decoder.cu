// Element-wise work of a Qwen3 decoder layer between its matrix products, one pass over memory each.
// Compiled when a model is loaded, for its own sizes, which come as definitions:
//   DIM width of the hidden states       DIM_THREADS, DIM_VECTORS   threads a row, vectors of 8 a thread
//   FFN width of the feed-forward        QUERIES, SHARED            query heads, key-value heads (of 128 channels)
// Numbers are bfloat16 in memory and float32 in registers; results are rounded to bfloat16 wherever the
// unfused computation stores one.

struct __align__(8) Vec4 { u32 w[2]; };

__device__ __forceinline__ float rounded(float v) { return low(pack(v, 0.f)); }

// x += y where y is not null, and out = x / sqrt(mean(x^2) + epsilon) * weight. Blocks walk over rows.
extern "C" __global__ void __launch_bounds__(DIM_THREADS) add_norm(
        Vec8* x, const Vec8* y, const Vec8* weight, Vec8* out, int rows, float epsilon) {
    __shared__ float shared[32];
    for (size_t row = blockIdx.x; row < rows; row += gridDim.x) {
        float v[DIM_VECTORS * 8], sum = 0.f;
#pragma unroll
        for (int i = 0; i < DIM_VECTORS; i++) {
            int at = threadIdx.x + i * DIM_THREADS;
            bool in = at < DIM / 8;
            Vec8 a = {};
            if (in) {
                a = x[row * (DIM / 8) + at];
                if (y) {
                    Vec8 b = y[row * (DIM / 8) + at];
#pragma unroll
                    for (int j = 0; j < 4; j++) a.w[j] = pack(low(a.w[j]) + low(b.w[j]), high(a.w[j]) + high(b.w[j]));
                    x[row * (DIM / 8) + at] = a;
                }
            }
#pragma unroll
            for (int j = 0; j < 4; j++) {
                v[i * 8 + 2 * j] = low(a.w[j]);
                v[i * 8 + 2 * j + 1] = high(a.w[j]);
            }
#pragma unroll
            for (int j = 0; j < 8; j++) sum += v[i * 8 + j] * v[i * 8 + j];
        }
        sum = warpSum(sum);
        __syncthreads();  // the row before may still be read
        if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = sum;
        __syncthreads();
        sum = warpSum((threadIdx.x & 31) < DIM_THREADS / 32 ? shared[threadIdx.x & 31] : 0.f);
        float scale = rsqrtf(sum / DIM + epsilon);
#pragma unroll
        for (int i = 0; i < DIM_VECTORS; i++) {
            int at = threadIdx.x + i * DIM_THREADS;
            if (at < DIM / 8) {
                Vec8 f = weight[at], r;
#pragma unroll
                for (int j = 0; j < 4; j++)
                    r.w[j] = pack(v[i * 8 + 2 * j] * scale * low(f.w[j]), v[i * 8 + 2 * j + 1] * scale * high(f.w[j]));
                out[row * (DIM / 8) + at] = r;
            }
        }
    }
}

// Every query and key head normed, scaled and turned: one warp a head, four channels a lane.
// parts: tokens x (QUERIES + 2 SHARED) x 128, out: tokens x (QUERIES + SHARED) x 128, cos and sin: tokens x 128.
extern "C" __global__ void __launch_bounds__(256) turn_heads(
        const Vec4* parts, const Vec4* weight, const Vec4* cos, const Vec4* sin, Vec4* out, int heads, float epsilon) {
    int lane = threadIdx.x & 31;
    for (size_t at = (size_t) blockIdx.x * 8 + (threadIdx.x >> 5); at < heads; at += (size_t) gridDim.x * 8) {
        size_t token = at / (QUERIES + SHARED), head = at % (QUERIES + SHARED);
        Vec4 p = parts[(token * (QUERIES + 2 * SHARED) + head) * 32 + lane];
        Vec4 w = weight[head * 32 + lane], c = cos[token * 32 + lane], s = sin[token * 32 + lane], r;
        float v[4] = {low(p.w[0]), high(p.w[0]), low(p.w[1]), high(p.w[1])};
        float scale = rsqrtf(warpSum(v[0] * v[0] + v[1] * v[1] + v[2] * v[2] + v[3] * v[3]) / 128.f + epsilon);
        float f[4] = {low(w.w[0]), high(w.w[0]), low(w.w[1]), high(w.w[1])};
        float a[4] = {low(c.w[0]), high(c.w[0]), low(c.w[1]), high(c.w[1])};
        float b[4] = {low(s.w[0]), high(s.w[0]), low(s.w[1]), high(s.w[1])};
#pragma unroll
        for (int j = 0; j < 4; j++) {
            float h = rounded(rounded(v[j] * scale) * f[j]);
            float other = __shfl_xor_sync(0xffffffffu, h, 16);  // half a head further
            v[j] = rounded(h * a[j]) + other * b[j];
        }
        r.w[0] = pack(v[0], v[1]);
        r.w[1] = pack(v[2], v[3]);
        out[at * 32 + lane] = r;
    }
}

// out = silu(first half) * second half of each row.
extern "C" __global__ void __launch_bounds__(128) gated(const Vec8* wide, Vec8* out, int rows) {
    int at = blockIdx.x * 128 + threadIdx.x;
    if (at >= FFN / 8) return;
    for (size_t row = blockIdx.y; row < rows; row += gridDim.y) {
        Vec8 g = wide[row * (FFN / 4) + at], u = wide[row * (FFN / 4) + FFN / 8 + at], r;
#pragma unroll
        for (int j = 0; j < 4; j++) {
            float lo = low(g.w[j]), hi = high(g.w[j]);
            lo = rounded(lo / (1.f + __expf(-lo)));
            hi = rounded(hi / (1.f + __expf(-hi)));
            r.w[j] = pack(lo * low(u.w[j]), hi * high(u.w[j]));
        }
        out[row * (FFN / 8) + at] = r;
    }
}
