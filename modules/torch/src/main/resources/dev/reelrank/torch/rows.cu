// Element-wise work of a transformer's block between its matrix products, one pass over memory each.
// Compiled when a model is loaded, for its own sizes, which come as definitions:
//   DIM width of the hidden states       DIM_THREADS, DIM_VECTORS   threads a row, vectors of 8 a thread
//   FFN width of the feed-forward        FFN_THREADS, FFN_VECTORS
//   HEAD channels of a head
// Numbers are bfloat16 in memory and float32 in registers; results are rounded to bfloat16 wherever the
// unfused computation stores one. Float8 is e4m3, with one float32 scale a row: value = stored * scale.
// Blocks walk over rows, so that factors and shifts stay in registers.

struct __align__(8) Bytes8 { u32 w[2]; };

template <int THREADS>
__device__ __forceinline__ float blockSum(float v, float* shared) {
#pragma unroll
    for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
    __syncthreads();
    if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = v;
    __syncthreads();
    float t = (threadIdx.x & 31) < THREADS / 32 ? shared[threadIdx.x & 31] : 0.f;
#pragma unroll
    for (int o = 16; o; o >>= 1) t += __shfl_xor_sync(0xffffffffu, t, o);
    return t;
}
template <int THREADS>
__device__ __forceinline__ float blockMax(float v, float* shared) {
#pragma unroll
    for (int o = 16; o; o >>= 1) v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, o));
    __syncthreads();
    if ((threadIdx.x & 31) == 0) shared[threadIdx.x >> 5] = v;
    __syncthreads();
    float t = (threadIdx.x & 31) < THREADS / 32 ? shared[threadIdx.x & 31] : 0.f;
#pragma unroll
    for (int o = 16; o; o >>= 1) t = fmaxf(t, __shfl_xor_sync(0xffffffffu, t, o));
    return t;
}

// Stores a row as float8 with its scale.
template <int N, int THREADS, int VECTORS>
__device__ __forceinline__ void storeFloat8(const float* v, Bytes8* out, float* scale, size_t row, float* shared) {
    float most = 0.f;
#pragma unroll
    for (int i = 0; i < VECTORS * 8; i++) most = fmaxf(most, fabsf(v[i]));
    most = fmaxf(blockMax<THREADS>(most, shared), 1e-12f);
    float inverse = 448.f / most;
#pragma unroll
    for (int i = 0; i < VECTORS; i++) {
        int at = threadIdx.x + i * THREADS;
        if (at < N / 8) {
            const float* f = v + i * 8;
            Bytes8 b;
            b.w[0] = pack8(f[0] * inverse, f[1] * inverse, f[2] * inverse, f[3] * inverse);
            b.w[1] = pack8(f[4] * inverse, f[5] * inverse, f[6] * inverse, f[7] * inverse);
            out[row * (N / 8) + at] = b;
        }
    }
    if (threadIdx.x == 0) scale[row] = most / 448.f;
}

// x + y * gate, stored in place of x (MODE 1: without gate, 2: with; 0: x as it is), and its layer norm
// * factor + shift as bfloat16 (OUT 1) or float8 (OUT 2); OUT 0: no norm.
template <int MODE, int OUT>
__device__ __forceinline__ void residualNorm(Vec8* x, const Vec8* y, const float* gate, const float* factor, const float* shift,
                                             void* out, float* scale, int rows, float epsilon) {
    __shared__ float shared[32];
    float g[MODE == 2 ? DIM_VECTORS * 8 : 1], f[OUT ? DIM_VECTORS * 8 : 1], s[OUT ? DIM_VECTORS * 8 : 1];
#pragma unroll
    for (int i = 0; i < DIM_VECTORS; i++) {
        int at = threadIdx.x + i * DIM_THREADS;
#pragma unroll
        for (int j = 0; j < 8; j++) {
            bool in = at < DIM / 8;
            if (MODE == 2) g[i * 8 + j] = in ? gate[at * 8 + j] : 0.f;
            if (OUT) { f[i * 8 + j] = in ? factor[at * 8 + j] : 0.f; s[i * 8 + j] = in ? shift[at * 8 + j] : 0.f; }
        }
    }
    // The next row is read while this one is reduced.
    Vec8 nextX[DIM_VECTORS], nextY[MODE ? DIM_VECTORS : 1];
#pragma unroll
    for (int i = 0; i < DIM_VECTORS; i++) {
        int at = threadIdx.x + i * DIM_THREADS;
        if (at < DIM / 8 && blockIdx.x < rows) {
            nextX[i] = x[(size_t) blockIdx.x * (DIM / 8) + at];
            if (MODE) nextY[i] = y[(size_t) blockIdx.x * (DIM / 8) + at];
        }
    }
    for (size_t row = blockIdx.x; row < rows; row += gridDim.x) {
        float v[DIM_VECTORS * 8];
        bool more = row + gridDim.x < rows;
#pragma unroll
        for (int i = 0; i < DIM_VECTORS; i++) {
            int at = threadIdx.x + i * DIM_THREADS;
            float* here = v + i * 8;
            if (at < DIM / 8) {
                Vec8 a = nextX[i];
                if (more) nextX[i] = x[(row + gridDim.x) * (DIM / 8) + at];
                if (MODE) {
                    Vec8 b = nextY[i];
                    if (more) nextY[i] = y[(row + gridDim.x) * (DIM / 8) + at];
                    float p[8], q[8];
                    unpack(a, p);
                    unpack(b, q);
#pragma unroll
                    for (int j = 0; j < 8; j++) p[j] = MODE == 2 ? p[j] + q[j] * g[i * 8 + j] : p[j] + q[j];
                    a = packed(p);
                    x[row * (DIM / 8) + at] = a;
                }
                unpack(a, here);
            } else {
#pragma unroll
                for (int j = 0; j < 8; j++) here[j] = 0.f;
            }
        }
        if (OUT) {
            float sum = 0.f;
#pragma unroll
            for (int i = 0; i < DIM_VECTORS * 8; i++) sum += v[i];
            float mean = blockSum<DIM_THREADS>(sum, shared) / DIM;
            float squares = 0.f;
#pragma unroll
            for (int i = 0; i < DIM_VECTORS; i++) {
                if (threadIdx.x + i * DIM_THREADS < DIM / 8) {
#pragma unroll
                    for (int j = 0; j < 8; j++) { float d = v[i * 8 + j] - mean; squares += d * d; }
                }
            }
            float r = rsqrtf(blockSum<DIM_THREADS>(squares, shared) / DIM + epsilon);
#pragma unroll
            for (int i = 0; i < DIM_VECTORS * 8; i++) v[i] = (v[i] - mean) * r * f[i] + s[i];
            if (OUT == 1) {
#pragma unroll
                for (int i = 0; i < DIM_VECTORS; i++) {
                    int at = threadIdx.x + i * DIM_THREADS;
                    if (at < DIM / 8) ((Vec8*) out)[row * (DIM / 8) + at] = packed(v + i * 8);
                }
            } else {
                storeFloat8<DIM, DIM_THREADS, DIM_VECTORS>(v, (Bytes8*) out, scale, row, shared);
            }
        }
    }
}

#define RESIDUAL_NORM(NAME, MODE, OUT)                                                                                       \
    extern "C" __global__ void __launch_bounds__(DIM_THREADS) NAME(Vec8* x, const Vec8* y, const float* gate,                \
            const float* factor, const float* shift, void* out, float* scale, int rows, float epsilon) {                     \
        residualNorm<MODE, OUT>(x, y, gate, factor, shift, out, scale, rows, epsilon);                                       \
    }
RESIDUAL_NORM(norm_bf16, 0, 1)
RESIDUAL_NORM(norm_float8, 0, 2)
RESIDUAL_NORM(add_norm_bf16, 1, 1)
RESIDUAL_NORM(add_norm_float8, 1, 2)
RESIDUAL_NORM(gated_norm_bf16, 2, 1)
RESIDUAL_NORM(gated_norm_float8, 2, 2)
RESIDUAL_NORM(gated, 2, 0)

// Root mean square norm over all channels, then rotation of adjacent pairs within each head (not if cosine is
// null), in place. Row k of the grid works on the k-th tensor. The next row is read while this one is reduced.
extern "C" __global__ void __launch_bounds__(DIM_THREADS) head_norm(Vec8* first, Vec8* second, const Vec8* firstWeight, const Vec8* secondWeight,
        const float* cosine, const float* sine, int rows, float epsilon) {
    __shared__ float shared[32];
    Vec8* x = blockIdx.y ? second : first;
    const Vec8* weight = blockIdx.y ? secondWeight : firstWeight;
    Vec8 w[DIM_VECTORS], next[DIM_VECTORS];
#pragma unroll
    for (int i = 0; i < DIM_VECTORS; i++) {
        int at = threadIdx.x + i * DIM_THREADS;
        if (at < DIM / 8) {
            w[i] = weight[at];
            if (blockIdx.x < rows) next[i] = x[(size_t) blockIdx.x * (DIM / 8) + at];
        }
    }
    for (size_t row = blockIdx.x; row < rows; row += gridDim.x) {
        float v[DIM_VECTORS * 8];
        float squares = 0.f;
#pragma unroll
        for (int i = 0; i < DIM_VECTORS; i++) {
            int at = threadIdx.x + i * DIM_THREADS;
            if (at < DIM / 8) {
                unpack(next[i], v + i * 8);
                if (row + gridDim.x < rows) next[i] = x[(row + gridDim.x) * (DIM / 8) + at];
#pragma unroll
                for (int j = 0; j < 8; j++) squares += v[i * 8 + j] * v[i * 8 + j];
            }
        }
        float r = rsqrtf(blockSum<DIM_THREADS>(squares, shared) / DIM + epsilon);
#pragma unroll
        for (int i = 0; i < DIM_VECTORS; i++) {
            int at = threadIdx.x + i * DIM_THREADS;
            if (at < DIM / 8) {
                float* f = v + i * 8;
                float g[8];
                unpack(w[i], g);
#pragma unroll
                for (int j = 0; j < 8; j++) f[j] = f[j] * r * g[j];
                Vec8 result = packed(f);
                if (cosine) {
                    unpack(result, f);
                    size_t place = (row * (HEAD / 2) + (at * 4) % (HEAD / 2)) / 4;
                    float4 c = ((const float4*) cosine)[place], s = ((const float4*) sine)[place];
                    result.w[0] = pack(f[0] * c.x - f[1] * s.x, f[0] * s.x + f[1] * c.x);
                    result.w[1] = pack(f[2] * c.y - f[3] * s.y, f[2] * s.y + f[3] * c.y);
                    result.w[2] = pack(f[4] * c.z - f[5] * s.z, f[4] * s.z + f[5] * c.z);
                    result.w[3] = pack(f[6] * c.w - f[7] * s.w, f[6] * s.w + f[7] * c.w);
                }
                x[row * (DIM / 8) + at] = result;
            }
        }
    }
}

// Layer norm of each head with weight and bias, then rotation of adjacent pairs (not if cosine is null), in place. Row k
// of the grid works on the k-th tensor. The lanes of a head, a power of two, lie side by side in a warp.
extern "C" __global__ void __launch_bounds__(DIM_THREADS) head_layer_norm(Vec8* first, Vec8* second, const Vec8* firstWeight,
        const Vec8* firstBias, const Vec8* secondWeight, const Vec8* secondBias, const float* cosine, const float* sine, int rows,
        float epsilon) {
    const int LANES = HEAD / 8;
    Vec8* x = blockIdx.y ? second : first;
    float w[8], b[8];
    unpack((blockIdx.y ? secondWeight : firstWeight)[threadIdx.x % LANES], w);
    unpack((blockIdx.y ? secondBias : firstBias)[threadIdx.x % LANES], b);
    Vec8 next[DIM_VECTORS];
#pragma unroll
    for (int i = 0; i < DIM_VECTORS; i++) {
        int at = threadIdx.x + i * DIM_THREADS;
        if (at < DIM / 8 && blockIdx.x < rows) next[i] = x[(size_t) blockIdx.x * (DIM / 8) + at];
    }
    for (size_t row = blockIdx.x; row < rows; row += gridDim.x) {
#pragma unroll
        for (int i = 0; i < DIM_VECTORS; i++) {
            int at = threadIdx.x + i * DIM_THREADS;
            bool in = at < DIM / 8;
            float f[8];
            if (in) {
                unpack(next[i], f);
                if (row + gridDim.x < rows) next[i] = x[(row + gridDim.x) * (DIM / 8) + at];
            } else {
#pragma unroll
                for (int j = 0; j < 8; j++) f[j] = 0.f;
            }
            layerNorm<LANES>(f, w, b, epsilon);
            if (in) {
                Vec8 result = packed(f);
                if (cosine) {
                    unpack(result, f);
                    size_t place = (row * (HEAD / 2) + (at * 4) % (HEAD / 2)) / 4;
                    float4 c = ((const float4*) cosine)[place], s = ((const float4*) sine)[place];
                    result.w[0] = pack(f[0] * c.x - f[1] * s.x, f[0] * s.x + f[1] * c.x);
                    result.w[1] = pack(f[2] * c.y - f[3] * s.y, f[2] * s.y + f[3] * c.y);
                    result.w[2] = pack(f[4] * c.z - f[5] * s.z, f[4] * s.z + f[5] * c.z);
                    result.w[3] = pack(f[6] * c.w - f[7] * s.w, f[6] * s.w + f[7] * c.w);
                }
                x[row * (DIM / 8) + at] = result;
            }
        }
    }
}

// What a query saw in two sets of keys, joined by their shares of the sum (logarithms, heads x rows).
template <int OUT>
__device__ __forceinline__ void join(const Vec8* a, const Vec8* b, const float* logA, const float* logB, void* out, float* scale, int rows) {
    __shared__ float shared[32];
    for (size_t row = blockIdx.x; row < rows; row += gridDim.x) {
        float v[DIM_VECTORS * 8];
#pragma unroll
        for (int i = 0; i < DIM_VECTORS; i++) {
            int at = threadIdx.x + i * DIM_THREADS;
            float* f = v + i * 8;
            if (at < DIM / 8) {
                size_t place = (size_t) (at * 8 / HEAD) * rows + row;
                float share = 1.f / (1.f + __expf(logB[place] - logA[place]));
                float p[8], q[8];
                unpack(a[row * (DIM / 8) + at], p);
                unpack(b[row * (DIM / 8) + at], q);
#pragma unroll
                for (int j = 0; j < 8; j++) f[j] = q[j] + (p[j] - q[j]) * share;
                if (OUT == 1) ((Vec8*) out)[row * (DIM / 8) + at] = packed(f);
            } else {
#pragma unroll
                for (int j = 0; j < 8; j++) f[j] = 0.f;
            }
        }
        if (OUT == 2) storeFloat8<DIM, DIM_THREADS, DIM_VECTORS>(v, (Bytes8*) out, scale, row, shared);
    }
}
extern "C" __global__ void __launch_bounds__(DIM_THREADS) join_bf16(const Vec8* a, const Vec8* b, const float* logA, const float* logB, void* out, float* scale, int rows) {
    join<1>(a, b, logA, logB, out, scale, rows);
}
extern "C" __global__ void __launch_bounds__(DIM_THREADS) join_float8(const Vec8* a, const Vec8* b, const float* logA, const float* logB, void* out, float* scale, int rows) {
    join<2>(a, b, logA, logB, out, scale, rows);
}

// The largest magnitude of a tensor, as the bits of a float: those of numbers that are not negative order as they do.
extern "C" __global__ void __launch_bounds__(512) absolute_max(const Vec8* x, u32* most, int vectors) {
    float top = 0.f;
    for (size_t i = blockIdx.x * 512u + threadIdx.x; i < vectors; i += gridDim.x * 512u) {
        float f[8];
        unpack(x[i], f);
#pragma unroll
        for (int j = 0; j < 8; j++) top = fmaxf(top, fabsf(f[j]));
    }
#pragma unroll
    for (int o = 16; o; o >>= 1) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, o));
    if ((threadIdx.x & 31) == 0) atomicMax(most, __float_as_uint(top));
}

// What one unit of query, key and value stands for, and what brings an average of values into float8.
extern "C" __global__ void attention_scales(const float* most, float* scales) {
    for (int i = 0; i < 3; i++) scales[i] = fmaxf(most[i], 1e-12f) / 448.f;
    scales[3] = 1.f / scales[2];
}

// A tensor to float8 with one scale, zeros after its end.
extern "C" __global__ void __launch_bounds__(512) quantize_tensor(const Vec8* x, const float* scale, Bytes8* out, int vectors, int padded) {
    float inverse = 1.f / *scale;
    for (size_t i = blockIdx.x * 512u + threadIdx.x; i < padded; i += gridDim.x * 512u) {
        float f[8] = {0.f, 0.f, 0.f, 0.f, 0.f, 0.f, 0.f, 0.f};
        if (i < vectors) unpack(x[i], f);
        Bytes8 b;
        b.w[0] = pack8(f[0] * inverse, f[1] * inverse, f[2] * inverse, f[3] * inverse);
        b.w[1] = pack8(f[4] * inverse, f[5] * inverse, f[6] * inverse, f[7] * inverse);
        out[i] = b;
    }
}

__device__ __forceinline__ float geluTanh(float x) {
    float u = 0.7978845608028654f * (x + 0.044715f * x * x * x);
    return x * (1.f - 1.f / (1.f + __expf(2.f * u)));
}

// Rows to float8, after GELU (tanh approximation, rounded to bfloat16) if asked.
template <int N, int THREADS, int VECTORS, bool GELU>
__device__ __forceinline__ void quantize(const Vec8* x, Bytes8* out, float* scale, int rows) {
    __shared__ float shared[32];
    for (size_t row = blockIdx.x; row < rows; row += gridDim.x) {
        float v[VECTORS * 8];
#pragma unroll
        for (int i = 0; i < VECTORS; i++) {
            int at = threadIdx.x + i * THREADS;
            float* f = v + i * 8;
            if (at < N / 8) {
                unpack(x[row * (N / 8) + at], f);
                if (GELU) {
#pragma unroll
                    for (int j = 0; j < 8; j++) f[j] = geluTanh(f[j]);
                }
            } else {
#pragma unroll
                for (int j = 0; j < 8; j++) f[j] = 0.f;
            }
        }
        storeFloat8<N, THREADS, VECTORS>(v, out, scale, row, shared);
    }
}
extern "C" __global__ void __launch_bounds__(DIM_THREADS) quantize_rows(const Vec8* x, Bytes8* out, float* scale, int rows) {
    quantize<DIM, DIM_THREADS, DIM_VECTORS, false>(x, out, scale, rows);
}
extern "C" __global__ void __launch_bounds__(FFN_THREADS) gelu_quantize(const Vec8* x, Bytes8* out, float* scale, int rows) {
    quantize<FFN, FFN_THREADS, FFN_VECTORS, true>(x, out, scale, rows);
}
