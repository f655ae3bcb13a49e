// Queries, keys and values of attention in e4m3, as hopper.cu takes them: one scale a head. Head size 128.

constexpr int HEAD = 128, THREADS = 256;
constexpr float LARGEST = 448.f, LEAST = 1e-12f;

__device__ __forceinline__ void spread(const uint4 v, float* x) {
    x[0] = low(v.x); x[1] = high(v.x); x[2] = low(v.y); x[3] = high(v.y);
    x[4] = low(v.z); x[5] = high(v.z); x[6] = low(v.w); x[7] = high(v.w);
}

// The largest absolute number of each head; `most` begins as zeros. Grid (any, heads), 256 threads: 16 rows at a time.
extern "C" __global__ void __launch_bounds__(THREADS) head_most(const u16* x, u32* most, i64 tokenRow, i64 headRow, int tokens) {
    const u16* from = x + blockIdx.y * headRow + (threadIdx.x & 15) * 8;
    float top = 0.f;
#pragma unroll 4
    for (int i = blockIdx.x * 16 + (threadIdx.x >> 4); i < tokens; i += gridDim.x * 16) {
        float v[8];
        spread(*(const uint4*) (from + i * tokenRow), v);
#pragma unroll
        for (int e = 0; e < 8; e++) top = fmaxf(top, fabsf(v[e]));
    }
#pragma unroll
    for (int d = 16; d; d >>= 1) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, d));
    if ((threadIdx.x & 31) == 0) atomicMax(&most[blockIdx.y], __float_as_uint(top));
}

// Rows of queries or keys, (tokens, heads, 128). Grid (any, heads), 256 threads.
extern "C" __global__ void __launch_bounds__(THREADS) to_rows(const u16* x, const float* most, u8* out, i64 tokenRow, i64 headRow, int tokens) {
    const int head = blockIdx.y, heads = gridDim.y, column = (threadIdx.x & 15) * 8;
    const u16* from = x + head * headRow + column;
    const float inverse = LARGEST / fmaxf(most[head], LEAST);
#pragma unroll 4
    for (int i = blockIdx.x * 16 + (threadIdx.x >> 4); i < tokens; i += gridDim.x * 16) {
        float v[8];
        spread(*(const uint4*) (from + i * tokenRow), v);
        uint2 b;
        b.x = pack8(v[0] * inverse, v[1] * inverse, v[2] * inverse, v[3] * inverse);
        b.y = pack8(v[4] * inverse, v[5] * inverse, v[6] * inverse, v[7] * inverse);
        *(uint2*) (out + ((i64) i * heads + head) * HEAD + column) = b;
    }
}

// Values turned, (heads, 128, padded), zeros after the tokens. The weights of 16 keys lie in a thread's registers as
// 2 pairs of neighbours, 8 keys apart; so key 8 j + 2 t + e of each 16 goes to place 4 t + 2 j + e. Grid
// (padded / 64, heads), 256 threads; `padded` is a multiple of 64.
extern "C" __global__ void __launch_bounds__(THREADS) to_turned(const u16* x, const float* most, u8* out, i64 tokenRow, i64 headRow, int tokens, int padded) {
    __shared__ __align__(16) u8 turned[HEAD][64 + 16];
    const int head = blockIdx.y, first = blockIdx.x * 64, column = (threadIdx.x & 15) * 8;
    const u16* from = x + head * headRow + column;
    const float inverse = LARGEST / fmaxf(most[head], LEAST);
#pragma unroll
    for (int pass = 0; pass < 4; pass++) {
        const int i = pass * 16 + (threadIdx.x >> 4), in = i & 15;
        const int place = (i & ~15) + 4 * ((in & 7) >> 1) + 2 * (in >> 3) + (in & 1);
        float v[8] = {};
        if (first + i < tokens) spread(*(const uint4*) (from + (first + i) * tokenRow), v);
        const u32 a = pack8(v[0] * inverse, v[1] * inverse, v[2] * inverse, v[3] * inverse);
        const u32 b = pack8(v[4] * inverse, v[5] * inverse, v[6] * inverse, v[7] * inverse);
#pragma unroll
        for (int e = 0; e < 4; e++) {
            turned[column + e][place] = (u8) (a >> (8 * e));
            turned[column + 4 + e][place] = (u8) (b >> (8 * e));
        }
    }
    __syncthreads();
#pragma unroll
    for (int pass = 0; pass < 2; pass++) {
        const int dim = pass * 64 + (threadIdx.x >> 2), part = (threadIdx.x & 3) * 16;
        *(uint4*) (out + ((i64) head * HEAD + dim) * padded + first + part) = *(const uint4*) &turned[dim][part];
    }
}

// What a unit of a score and of a value stands for: most has (3, heads) of queries, keys and values.
extern "C" __global__ void units(const float* most, float* scores, float* values, int heads) {
    const int head = threadIdx.x + blockIdx.x * blockDim.x;
    if (head >= heads) return;
    scores[head] = fmaxf(most[head], LEAST) / LARGEST * (fmaxf(most[heads + head], LEAST) / LARGEST);
    values[head] = fmaxf(most[2 * heads + head], LEAST) / LARGEST;
}
