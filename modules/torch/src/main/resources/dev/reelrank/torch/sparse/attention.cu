// Attention over listed blocks of keys, head size 128, bfloat16, for GPUs from compute capability 8.0 on. Definitions:
//   QUERY_BLOCK queries in a block: 64 or 128        KEY_BLOCK keys in a block: a multiple of 64
// One CUDA block computes one block of queries of one head: each warp 32 queries, 64 keys at a time, with the softmax
// kept up as keys come (Flash Attention 2, arXiv 2307.08691). Products by mma.sync m16n8k16, sums in float32. Keys and
// values come to shared memory by cp.async: values while the scores are computed, the next keys while the values are
// added up.

// 16 bytes to shared memory, or zeros.
__device__ __forceinline__ void copy16(u32 to, const void* from, bool inside) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(inside ? 16 : 0) : "memory");
}
__device__ __forceinline__ void copied() {
    asm volatile("cp.async.wait_all;" ::: "memory");
    __syncthreads();
}

constexpr int HEAD = 128;
constexpr int ROW = HEAD * 2;
constexpr int CHUNKS = ROW / 16;
constexpr int TILE = 64;
constexpr int THREADS = QUERY_BLOCK;
constexpr int PER_BLOCK = KEY_BLOCK / TILE;

static_assert(QUERY_BLOCK % 32 == 0 && KEY_BLOCK % TILE == 0, "a warp has 32 queries, a step 64 keys");

template <int ROWS>
__device__ __forceinline__ void load(u32 to, const u16* from, i64 stride, int first, int limit) {
#pragma unroll
    for (int i = threadIdx.x; i < ROWS * CHUNKS; i += THREADS) {
        int row = i / CHUNKS, column = i % CHUNKS;
        bool inside = first + row < limit;
        copy16(chunk(to, row, column), from + (inside ? first + row : 0) * stride + column * 8, inside);
    }
}

// The next step whose keys exist: the last block of keys may be shorter than its tiles.
__device__ __forceinline__ int begin(const int* list, int step) {
    return list[step / PER_BLOCK] * KEY_BLOCK + step % PER_BLOCK * TILE;
}
__device__ __forceinline__ int next(const int* list, int step, int steps, int keys) {
    while (PER_BLOCK > 1 && step < steps && begin(list, step) >= keys) step++;
    return step;
}

// Strides are in elements; a head's numbers of a token lie side by side. The output has the layout (queries, heads, HEAD).
extern "C" __global__ void __launch_bounds__(THREADS, 2) sparse_attention(
    const u16* q, const u16* k, const u16* v, u16* out, float* sums, const int* blocks, const int* counts, i64 queryRow,
    i64 queryHead, i64 keyRow, i64 keyHead, i64 valueRow, i64 valueHead, int queries, int keys, int width, float scale) {
    extern __shared__ __align__(128) unsigned char memory[];
    const u32 qs = sharedAddress(memory), ks = qs + QUERY_BLOCK * ROW, vs = ks + TILE * ROW;
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    const int head = blockIdx.y, heads = gridDim.y, first = blockIdx.x * QUERY_BLOCK;
    const i64 row = (i64) head * gridDim.x + blockIdx.x;
    const int* list = blocks + row * width;
    const int steps = counts[row] * PER_BLOCK;
    q += head * queryHead;
    k += head * keyHead;
    v += head * valueHead;

    float o[2][HEAD / 8][4], top[2][2], sum[2][2];
#pragma unroll
    for (int t = 0; t < 2; t++) {
#pragma unroll
        for (int n = 0; n < HEAD / 8; n++)
#pragma unroll
            for (int e = 0; e < 4; e++) o[t][n][e] = 0.f;
        top[t][0] = top[t][1] = -__int_as_float(0x7f800000);
        sum[t][0] = sum[t][1] = 0.f;
    }

    load<QUERY_BLOCK>(qs, q, queryRow, first, queries);
    int step = next(list, 0, steps, keys);
    if (step < steps) load<TILE>(ks, k, keyRow, begin(list, step), keys);
    while (step < steps) {
        const int key = begin(list, step);
        copied();
        load<TILE>(vs, v, valueRow, key, keys);

        float s[2][TILE / 8][4];
#pragma unroll
        for (int t = 0; t < 2; t++)
#pragma unroll
            for (int n = 0; n < TILE / 8; n++)
#pragma unroll
                for (int e = 0; e < 4; e++) s[t][n][e] = 0.f;
#pragma unroll
        for (int d = 0; d < HEAD / 16; d++) {
            u32 a[2][4];
#pragma unroll
            for (int t = 0; t < 2; t++) matrices(chunk(qs, warp * 32 + t * 16 + (lane & 15), d * 2 + (lane >> 4)), a[t]);
#pragma unroll
            for (int n = 0; n < TILE / 16; n++) {
                u32 b[4];
                matrices(chunk(ks, n * 16 + (lane & 7) + ((lane >> 4) << 3), d * 2 + ((lane >> 3) & 1)), b);
#pragma unroll
                for (int t = 0; t < 2; t++) {
                    multiply(s[t][2 * n], a[t], b[0], b[1]);
                    multiply(s[t][2 * n + 1], a[t], b[2], b[3]);
                }
            }
        }

        copied();
        step = next(list, step + 1, steps, keys);
        if (step < steps) load<TILE>(ks, k, keyRow, begin(list, step), keys);

        if (key + TILE > keys) {
#pragma unroll
            for (int t = 0; t < 2; t++)
#pragma unroll
                for (int n = 0; n < TILE / 8; n++)
#pragma unroll
                    for (int e = 0; e < 4; e++)
                        if (key + n * 8 + (lane & 3) * 2 + (e & 1) >= keys) s[t][n][e] = -__int_as_float(0x7f800000);
        }
        // A thread has two numbers of row lane / 4 and two of the row 8 below in every group of 8 columns.
#pragma unroll
        for (int t = 0; t < 2; t++)
#pragma unroll
            for (int h = 0; h < 2; h++) {
                float most = top[t][h];
#pragma unroll
                for (int n = 0; n < TILE / 8; n++) most = fmaxf(most, fmaxf(s[t][n][2 * h], s[t][n][2 * h + 1]));
                most = fmaxf(most, quad(most, 1));
                most = fmaxf(most, quad(most, 2));
                const float shift = most * scale, factor = power2(top[t][h] * scale - shift);
                top[t][h] = most;
                float more = 0.f;
#pragma unroll
                for (int n = 0; n < TILE / 8; n++)
#pragma unroll
                    for (int e = 2 * h; e < 2 * h + 2; e++) {
                        s[t][n][e] = power2(s[t][n][e] * scale - shift);
                        more += s[t][n][e];
                    }
                sum[t][h] = sum[t][h] * factor + more;
#pragma unroll
                for (int n = 0; n < HEAD / 8; n++) {
                    o[t][n][2 * h] *= factor;
                    o[t][n][2 * h + 1] *= factor;
                }
            }
#pragma unroll
        for (int j = 0; j < TILE / 16; j++) {
            u32 a[2][4];
#pragma unroll
            for (int t = 0; t < 2; t++)
#pragma unroll
                for (int half = 0; half < 2; half++) {
                    const float* p = s[t][2 * j + half];
                    a[t][2 * half] = pack(p[0], p[1]);
                    a[t][2 * half + 1] = pack(p[2], p[3]);
                }
#pragma unroll
            for (int n = 0; n < HEAD / 16; n++) {
                u32 b[4];
                turnedMatrices(chunk(vs, j * 16 + (lane & 15), n * 2 + (lane >> 4)), b);
#pragma unroll
                for (int t = 0; t < 2; t++) {
                    multiply(o[t][2 * n], a[t], b[0], b[1]);
                    multiply(o[t][2 * n + 1], a[t], b[2], b[3]);
                }
            }
        }
    }

#pragma unroll
    for (int t = 0; t < 2; t++)
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float all = sum[t][h];
            all += quad(all, 1);
            all += quad(all, 2);
            const float share = all > 0.f ? 1.f / all : 0.f;
            const int query = first + warp * 32 + t * 16 + h * 8 + (lane >> 2);
            if (query >= queries) continue;
            u16* to = out + ((i64) query * heads + head) * HEAD + (lane & 3) * 2;
#pragma unroll
            for (int n = 0; n < HEAD / 8; n++)
                *(u32*) (to + n * 8) = pack(o[t][n][2 * h] * share, o[t][n][2 * h + 1] * share);
            if ((lane & 3) == 0)
                sums[(i64) head * queries + query] =
                    all > 0.f ? (top[t][h] * scale + log2f(all)) * 0.6931471805599453f : -__int_as_float(0x7f800000);
        }
}
