// Choosing blocks of keys by pooled scores, and the linear branch of sparse-linear attention. Head size 128, bfloat16.

__device__ __forceinline__ void store16(u32 to, const u32* x) {
    asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};" ::"r"(to), "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]) : "memory");
}

constexpr int HEAD = 128, ROW = 256;
constexpr int THREADS = 256;

// The mean of each block of tokens: float32 (heads, blocks, 128). Grid (blocks, heads), 256 threads: 16 rows at a time.
extern "C" __global__ void __launch_bounds__(THREADS) block_means(const u16* x, float* means, i64 tokenRow, i64 headRow, int tokens, int block) {
    __shared__ float parts[16][HEAD];
    const int head = blockIdx.y, first = blockIdx.x * block, count = min(block, tokens - first);
    const int row = threadIdx.x >> 4, column = threadIdx.x & 15;
    const u16* from = x + head * headRow + (i64) first * tokenRow + column * 8;
    float sum[8] = {};
#pragma unroll 4
    for (int i = row; i < count; i += 16) {
        const uint4 v = *(const uint4*) (from + i * tokenRow);
        sum[0] += low(v.x); sum[1] += high(v.x); sum[2] += low(v.y); sum[3] += high(v.y);
        sum[4] += low(v.z); sum[5] += high(v.z); sum[6] += low(v.w); sum[7] += high(v.w);
    }
#pragma unroll
    for (int e = 0; e < 8; e++) parts[row][column * 8 + e] = sum[e];
    __syncthreads();
    if (threadIdx.x < HEAD) {
        float all = 0.f;
#pragma unroll
        for (int i = 0; i < 16; i++) all += parts[i][threadIdx.x];
        means[((i64) head * gridDim.x + blockIdx.x) * HEAD + threadIdx.x] = all / count;
    }
}

// The numbers of the `count` largest of each row, in rising order. One warp... one block of 128 threads a row.
extern "C" __global__ void __launch_bounds__(128) largest(const float* scores, int* chosen, int columns, int count) {
    extern __shared__ u32 values[];
    __shared__ u32 bins[256];
    __shared__ u32 found[2];
    __shared__ int totals[2][4];
    const i64 row = blockIdx.x;
    const int thread = threadIdx.x, lane = thread & 31, warp = thread >> 5;
    for (int i = thread; i < columns; i += 128) {
        const u32 bits = __float_as_uint(scores[row * columns + i]);
        values[i] = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    }
    u32 prefix = 0, mask = 0;
    int left = count;
    for (int shift = 24; shift >= 0; shift -= 8) {
        bins[thread] = 0;
        bins[thread + 128] = 0;
        __syncthreads();
        for (int i = thread; i < columns; i += 128)
            if ((values[i] & mask) == prefix) atomicAdd(&bins[values[i] >> shift & 255], 1u);
        __syncthreads();
        if (warp == 0) {
            // Each lane has 8 bins, from the highest down.
            u32 mine = 0;
#pragma unroll
            for (int i = 0; i < 8; i++) mine += bins[255 - (lane * 8 + i)];
            u32 before = mine;
#pragma unroll
            for (int d = 1; d < 32; d *= 2) {
                const u32 other = __shfl_up_sync(0xffffffffu, before, d);
                if (lane >= d) before += other;
            }
            before -= mine;
            if (before < (u32) left && before + mine >= (u32) left) {
                u32 seen = before;
                for (int i = 0; i < 8; i++) {
                    const u32 bin = 255 - (lane * 8 + i);
                    if (seen + bins[bin] >= (u32) left) { found[0] = bin; found[1] = (u32) left - seen; break; }
                    seen += bins[bin];
                }
            }
        }
        __syncthreads();
        prefix |= found[0] << shift;
        mask |= 255u << shift;
        left = (int) found[1];
        __syncthreads();
    }
    // Those above the threshold, and the first `left` of those that equal it.
    int written = 0, equals = 0;
    for (int from = 0; from < columns; from += 128) {
        const int i = from + thread;
        const bool above = i < columns && values[i] > prefix, equal = i < columns && values[i] == prefix;
        const u32 same = __ballot_sync(0xffffffffu, equal);
        if (lane == 0) totals[0][warp] = __popc(same);
        __syncthreads();
        int rank = equals + __popc(same & ((1u << lane) - 1));
        for (int w = 0; w < warp; w++) rank += totals[0][w];
        const bool taken = above || (equal && rank < left);
        const u32 all = __ballot_sync(0xffffffffu, taken);
        if (lane == 0) totals[1][warp] = __popc(all);
        __syncthreads();
        int at = written + __popc(all & ((1u << lane) - 1));
        for (int w = 0; w < warp; w++) at += totals[1][w];
        if (taken) chosen[row * count + at] = i;
        for (int w = 0; w < 4; w++) { equals += totals[0][w]; written += totals[1][w]; }
        __syncthreads();
    }
}

// Eight numbers of a row in each of 16 lanes to their softmax over the row's 128.
__device__ __forceinline__ void soften(const uint4 v, float* x) {
    x[0] = low(v.x); x[1] = high(v.x); x[2] = low(v.y); x[3] = high(v.y);
    x[4] = low(v.z); x[5] = high(v.z); x[6] = low(v.w); x[7] = high(v.w);
    float top = x[0];
#pragma unroll
    for (int e = 1; e < 8; e++) top = fmaxf(top, x[e]);
#pragma unroll
    for (int d = 1; d < 16; d *= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, d));
    float sum = 0.f;
#pragma unroll
    for (int e = 0; e < 8; e++) { x[e] = __expf(x[e] - top); sum += x[e]; }
#pragma unroll
    for (int d = 1; d < 16; d *= 2) sum += __shfl_xor_sync(0xffffffffu, sum, d);
    const float share = 1.f / sum;
#pragma unroll
    for (int e = 0; e < 8; e++) x[e] *= share;
}

// Sums over a chunk of tokens of softmax(k)^T v and of softmax(k): (chunks, heads, 128, 128) and (chunks, heads, 128).
// Grid (chunks, heads), 256 threads: warp w has the rows 16 w .. 16 w + 15 of the sum. 64 tokens at a time.
extern "C" __global__ void __launch_bounds__(THREADS, 2) linear_states(const u16* k, const u16* v, float* states, float* totals,
    i64 keyRow, i64 keyHead, i64 valueRow, i64 valueHead, int tokens) {
    __shared__ __align__(128) unsigned char memory[2 * 64 * ROW];
    const u32 ks = sharedAddress(memory), vs = ks + 64 * ROW;
    const int head = blockIdx.y, lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    const int row = threadIdx.x >> 4, column = threadIdx.x & 15;
    const int tiles = (tokens + 63) / 64;
    const int begin = (int) ((i64) tiles * blockIdx.x / gridDim.x), end = (int) ((i64) tiles * (blockIdx.x + 1) / gridDim.x);
    k += head * keyHead + column * 8;
    v += head * valueHead + column * 8;
    float s[HEAD / 8][4] = {}, total[8] = {};
    uint4 kv[4], vv[4];
    const uint4 zero = make_uint4(0, 0, 0, 0);
    auto fetch = [&](int tile) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int token = tile * 64 + i * 16 + row;
            kv[i] = token < tokens ? *(const uint4*) (k + token * keyRow) : zero;
            vv[i] = token < tokens ? *(const uint4*) (v + token * valueRow) : zero;
        }
    };
    if (begin < end) fetch(begin);
    for (int tile = begin; tile < end; tile++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float x[8];
            soften(kv[i], x);
            const bool inside = tile * 64 + i * 16 + row < tokens;
            u32 packed[4];
#pragma unroll
            for (int e = 0; e < 4; e++) {
                packed[e] = inside ? pack(x[2 * e], x[2 * e + 1]) : 0u;
                total[2 * e] += low(packed[e]);
                total[2 * e + 1] += high(packed[e]);
            }
            store16(chunk(ks, i * 16 + row, column), packed);
            store16(chunk(vs, i * 16 + row, column), (const u32*) &vv[i]);
        }
        __syncthreads();
        if (tile + 1 < end) fetch(tile + 1);
#pragma unroll
        for (int j = 0; j < 4; j++) {
            // a: rows are dimensions of the keys, columns tokens; it lies turned.
            u32 a[4];
            turnedMatrices(chunk(ks, j * 16 + (lane & 7) + ((lane >> 4) << 3), warp * 2 + ((lane >> 3) & 1)), a);
#pragma unroll
            for (int n = 0; n < HEAD / 16; n++) {
                u32 b[4];
                turnedMatrices(chunk(vs, j * 16 + (lane & 15), n * 2 + (lane >> 4)), b);
                multiply(s[2 * n], a, b[0], b[1]);
                multiply(s[2 * n + 1], a, b[2], b[3]);
            }
        }
        __syncthreads();
    }
    const i64 at = (i64) blockIdx.x * gridDim.y + head;
    float* to = states + at * HEAD * HEAD;
#pragma unroll
    for (int n = 0; n < HEAD / 8; n++)
#pragma unroll
        for (int h = 0; h < 2; h++)
            *(float2*) (to + (warp * 16 + h * 8 + (lane >> 2)) * HEAD + n * 8 + (lane & 3) * 2) = make_float2(s[n][2 * h], s[n][2 * h + 1]);
    float* parts = (float*) memory;
#pragma unroll
    for (int e = 0; e < 8; e++) parts[row * HEAD + column * 8 + e] = total[e];
    __syncthreads();
    if (threadIdx.x < HEAD) {
        float all = 0.f;
#pragma unroll
        for (int i = 0; i < 16; i++) all += parts[i * HEAD + threadIdx.x];
        totals[at * HEAD + threadIdx.x] = all;
    }
}

// out += softmax(q) states / (1e-5 + softmax(q) totals) + bias. states bfloat16 (heads, 128, 128), totals float32
// (heads, 128), bias float32 (128). Grid (blocks of 128 tokens, heads), 256 threads. out has the layout (tokens, heads, 128).
extern "C" __global__ void __launch_bounds__(THREADS, 2) linear_add(const u16* q, const u16* states, const float* totals, const float* bias,
    u16* out, i64 queryRow, i64 queryHead, int tokens) {
    extern __shared__ __align__(128) unsigned char memory[];
    const u32 qs = sharedAddress(memory), ss = qs + 128 * ROW;
    float* norms = (float*) (memory + 2 * 128 * ROW);
    const int head = blockIdx.y, heads = gridDim.y, lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    const int row = threadIdx.x >> 4, column = threadIdx.x & 15, first = blockIdx.x * 128;
    q += head * queryHead + column * 8;
    uint4 x[8];
    const uint4 zero = make_uint4(0, 0, 0, 0);
#pragma unroll
    for (int i = 0; i < 8; i++) {
        const int token = first + i * 16 + row;
        x[i] = token < tokens ? *(const uint4*) (q + token * queryRow) : zero;
    }
    const u16* from = states + (i64) head * HEAD * HEAD + column * 8;
#pragma unroll
    for (int i = 0; i < 8; i++) {
        const uint4 s = *(const uint4*) (from + (i * 16 + row) * HEAD);
        store16(chunk(ss, i * 16 + row, column), (const u32*) &s);
    }
    float total[8];
#pragma unroll
    for (int e = 0; e < 8; e++) total[e] = totals[head * HEAD + column * 8 + e];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        float p[8];
        soften(x[i], p);
        u32 packed[4];
        float norm = 0.f;
#pragma unroll
        for (int e = 0; e < 4; e++) {
            packed[e] = pack(p[2 * e], p[2 * e + 1]);
            norm += low(packed[e]) * total[2 * e] + high(packed[e]) * total[2 * e + 1];
        }
        store16(chunk(qs, i * 16 + row, column), packed);
#pragma unroll
        for (int d = 1; d < 16; d *= 2) norm += __shfl_xor_sync(0xffffffffu, norm, d);
        if (column == 0) norms[i * 16 + row] = 1.f / (norm + 1e-5f);
    }
    __syncthreads();
    float o[HEAD / 8][4] = {};
#pragma unroll
    for (int d = 0; d < 8; d++) {
        u32 a[4];
        matrices(chunk(qs, warp * 16 + (lane & 15), d * 2 + (lane >> 4)), a);
#pragma unroll
        for (int n = 0; n < HEAD / 16; n++) {
            u32 b[4];
            turnedMatrices(chunk(ss, d * 16 + (lane & 15), n * 2 + (lane >> 4)), b);
            multiply(o[2 * n], a, b[0], b[1]);
            multiply(o[2 * n + 1], a, b[2], b[3]);
        }
    }
    // A warp wrote the rows that it now fills with results only if all have read theirs: rows are its own.
    __syncwarp();
#pragma unroll
    for (int h = 0; h < 2; h++) {
        const int r = warp * 16 + h * 8 + (lane >> 2);
        const float share = norms[r];
#pragma unroll
        for (int n = 0; n < HEAD / 8; n++) {
            const u32 both = pack(o[n][2 * h] * share, o[n][2 * h + 1] * share);
            asm volatile("st.shared.b32 [%0], %1;" ::"r"(chunk(qs, r, n) + (lane & 3) * 4), "r"(both) : "memory");
        }
    }
    __syncthreads();
    float add[8];
#pragma unroll
    for (int e = 0; e < 8; e++) add[e] = bias[column * 8 + e];
#pragma unroll
    for (int i = 0; i < 8; i++) {
        const int token = first + i * 16 + row;
        if (token >= tokens) continue;
        u32 l[4];
        asm volatile("ld.shared.v4.b32 {%0,%1,%2,%3}, [%4];" : "=r"(l[0]), "=r"(l[1]), "=r"(l[2]), "=r"(l[3]) : "r"(chunk(qs, i * 16 + row, column)));
        uint4* to = (uint4*) (out + ((i64) token * heads + head) * HEAD + column * 8);
        uint4 s = *to;
        u32* w = (u32*) &s;
#pragma unroll
        for (int e = 0; e < 4; e++) w[e] = pack(low(w[e]) + low(l[e]) + add[2 * e], high(w[e]) + high(l[e]) + add[2 * e + 1]);
        *to = s;
    }
}
