// Attention over listed blocks of keys on Hopper (sm_90a), head size 128, 128 queries a block. Definitions:
//   KEY_BLOCK  keys in a listed block, a multiple of 64
//   FLOAT8     0: all in bfloat16; 1: queries, keys and values in e4m3, values turned (dimension by dimension)
// One CUDA block computes one block of queries of one head. One warpgroup queues loads by the tensor copy engine; two
// compute, 64 queries each, with wgmma and the softmax kept up as keys come (Flash Attention 3, arXiv 2407.08608): the
// products of the next scores and of the last weights run while the weights in between are made. A step takes its keys
// from two or three parts of 64, from any listed blocks. Tiles lie in shared memory as the copy engine swizzles them.
// Sums are scaled down only when a row's top has grown by more than SLACK. In bfloat16, rows of the output are written whole.

struct __align__(64) Map { u64 words[16]; };

__device__ __forceinline__ void prepare(u32 barrier, int arrivals) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}
__device__ __forceinline__ void expect(u32 barrier, u32 bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}
__device__ __forceinline__ void arrive(u32 barrier) {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}
__device__ __forceinline__ void await(u32 barrier, u32 phase) {
    u32 done;
    do {
        asm volatile("{.reg .pred p; mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2; selp.u32 %0, 1, 0, p;}"
                     : "=r"(done) : "r"(barrier), "r"(phase) : "memory");
    } while (!done);
}
__device__ __forceinline__ void copyTile(u32 to, const Map* map, u32 barrier, int x, int y, int z) {
    asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];"
                 ::"r"(to), "l"((u64) map), "r"(barrier), "r"(x), "r"(y), "r"(z) : "memory");
}
__device__ __forceinline__ void productsBegin() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void productsEnd() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int LEFT>
__device__ __forceinline__ void productsWait() { asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(LEFT) : "memory"); }
template <int N>
__device__ __forceinline__ void pin(float* x) {
#pragma unroll
    for (int i = 0; i < N; i++) asm volatile("" : "+f"(x[i])::"memory");
}
// c (+)= a b: 64 rows, a in shared memory or in registers, b in shared memory.
#define C8(i) "+f"(c[i]), "+f"(c[i + 1]), "+f"(c[i + 2]), "+f"(c[i + 3]), "+f"(c[i + 4]), "+f"(c[i + 5]), "+f"(c[i + 6]), "+f"(c[i + 7])
#if FLOAT8
__device__ __forceinline__ void scores(float* c, u64 a, u64 b, int add) {
    asm volatile("{.reg .pred p; setp.ne.b32 p, %98, 0;"
        " wgmma.mma_async.sync.aligned.m64n192k32.f32.e4m3.e4m3 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
        "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
        "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95}, %96, %97, p, 1, 1;}"
        : C8(0), C8(8), C8(16), C8(24), C8(32), C8(40), C8(48), C8(56),
          C8(64), C8(72), C8(80), C8(88)
        : "l"(a), "l"(b), "r"(add));
}
__device__ __forceinline__ void values(float* c, const u32* a, u64 b, int add) {
    asm volatile("{.reg .pred p; setp.ne.b32 p, %69, 0;"
        " wgmma.mma_async.sync.aligned.m64n128k32.f32.e4m3.e4m3 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, {%64, %65, %66, %67}, %68, p, 1, 1;}"
        : C8(0), C8(8), C8(16), C8(24), C8(32), C8(40), C8(48), C8(56)
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(add));
}
#else
__device__ __forceinline__ void scores(float* c, u64 a, u64 b, int add) {
    asm volatile("{.reg .pred p; setp.ne.b32 p, %66, 0;"
        " wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, %64, %65, p, 1, 1, 0, 0;}"
        : C8(0), C8(8), C8(16), C8(24), C8(32), C8(40), C8(48), C8(56)
        : "l"(a), "l"(b), "r"(add));
}
__device__ __forceinline__ void values(float* c, const u32* a, u64 b, int add) {
    asm volatile("{.reg .pred p; setp.ne.b32 p, %69, 0;"
        " wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {"
        "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
        "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
        "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
        "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, {%64, %65, %66, %67}, %68, p, 1, 1, 1;}"
        : C8(0), C8(8), C8(16), C8(24), C8(32), C8(40), C8(48), C8(56)
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(add));
}
#endif
__device__ __forceinline__ void put(u32 to, int value) { asm volatile("st.shared.s32 [%0], %1;" ::"r"(to), "r"(value) : "memory"); }
__device__ __forceinline__ int get(u32 from) {
    int value;
    asm volatile("ld.shared.s32 %0, [%1];" : "=r"(value) : "r"(from) : "memory");
    return value;
}
__device__ __forceinline__ void prepared() {
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}
__device__ __forceinline__ void fewRegisters() { asm volatile("setmaxnreg.dec.sync.aligned.u32 24;"); }
__device__ __forceinline__ void manyRegisters() { asm volatile("setmaxnreg.inc.sync.aligned.u32 240;"); }
__device__ __forceinline__ void store16(u16* to, const u32* v) {
    asm volatile("st.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(v[0]), "r"(v[1]), "r"(v[2]), "r"(v[3]) : "memory");
}
__device__ __forceinline__ void get16(u32 from, u32* v) {
    asm volatile("ld.shared.v4.b32 {%0, %1, %2, %3}, [%4];" : "=r"(v[0]), "=r"(v[1]), "=r"(v[2]), "=r"(v[3]) : "r"(from) : "memory");
}
__device__ __forceinline__ void putMatrices(u32 to, u32 a, u32 b, u32 c, u32 d) {
    asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(a), "r"(b), "r"(c), "r"(d) : "memory");
}
__device__ __forceinline__ void fetchMap(const Map* map) { asm volatile("prefetch.tensormap [%0];" ::"l"((u64) map) : "memory"); }
__device__ __forceinline__ void groupWait(int group) { asm volatile("bar.sync %0, 128;" ::"r"(3 + group) : "memory"); }
// End of what is particular to the machine.

constexpr int HEAD = 128, QUERIES = 128, PART = 64;
constexpr int KEYS = FLOAT8 ? 192 : 128, STAGES = 2;
constexpr int PARTS = KEYS / PART, PER_BLOCK = KEY_BLOCK / PART;
constexpr int BYTES = FLOAT8 ? 1 : 2;
constexpr int Q_BYTES = QUERIES * HEAD * BYTES, TILE_BYTES = KEYS * HEAD * BYTES;
constexpr float SLACK = FLOAT8 ? 3.f : 8.f;
constexpr float RAISE = FLOAT8 ? 5.f : 0.f;  // e4m3 reaches 448: weights up to 256
constexpr u64 SWIZZLE128 = 1ull << 62, SWIZZLE64 = 2ull << 62;  // of a matrix in shared memory

__device__ __forceinline__ u64 matrix(u32 address, u32 leading, u32 stride, u64 swizzle) {
    return swizzle | (u64) (stride >> 4) << 32 | (u64) (leading >> 4) << 16 | (address & 0x3ffff) >> 4;
}

struct Ring {
    int stage = 0;
    u32 phase = 0;
    __device__ __forceinline__ void next() {
        if (++stage == STAGES) { stage = 0; phase ^= 1; }
    }
};

extern "C" __global__ void __launch_bounds__(384, 1) sparse_attention_hopper(
    const __grid_constant__ Map qMap, const __grid_constant__ Map kMap, const __grid_constant__ Map vMap, u16* out,
    float* sums, const int* blocks, const int* counts, const float* scales, const float* valueScales, int queries,
    int keys, int width, int rows, int heads, float scale) {
    extern __shared__ __align__(1024) unsigned char memory[];
    const u32 base = (sharedAddress(memory) + 1023) & ~1023u;
    const u32 qs = base, ks = qs + Q_BYTES, vs = ks + STAGES * TILE_BYTES, bars = vs + STAGES * TILE_BYTES;
    const u32 qFull = bars, kFull = bars + 8, kEmpty = kFull + 8 * STAGES, vFull = kEmpty + 8 * STAGES,
              vEmpty = vFull + 8 * STAGES, limits = vEmpty + 8 * STAGES;
    const int group = __shfl_sync(0xffffffffu, threadIdx.x >> 7, 0);
    if (threadIdx.x == 0) {
        prepare(qFull, 1);
        for (int i = 0; i < STAGES; i++) {
            prepare(kFull + 8 * i, 1);
            prepare(vFull + 8 * i, 1);
            prepare(kEmpty + 8 * i, 8);
            prepare(vEmpty + 8 * i, 8);
        }
        prepared();
    }
    __syncthreads();
    const int work = blockIdx.x, head = work / rows, row = work - head * rows;
    const int parts = counts[work] * PER_BLOCK, tiles = (parts + PARTS - 1) / PARTS;

    if (group == 0) {
        fewRegisters();
        if (threadIdx.x == 0) {
            fetchMap(&qMap);
            fetchMap(&kMap);
            fetchMap(&vMap);
            Ring k, v;
            const int* list = blocks + (i64) work * width;
            int keyOf[PARTS];
            for (int tile = 0; tile <= tiles; tile++) {
                int first[PARTS];
#pragma unroll
                for (int i = 0; i < PARTS; i++) first[i] = keyOf[i];
                if (tile < tiles) {
                    u32 all = 1;
                    int limit[PARTS];
#pragma unroll
                    for (int i = 0; i < PARTS; i++) {
                        const int part = tile * PARTS + i;
                        const bool listed = part < parts;
                        const int at = listed ? list[part / PER_BLOCK] * KEY_BLOCK + part % PER_BLOCK * PART : list[0] * KEY_BLOCK;
                        limit[i] = listed ? min(PART, max(0, keys - at)) : 0;
                        if (limit[i] < PART) all = 0;
                        keyOf[i] = at;
                    }
                    await(kEmpty + 8 * k.stage, k.phase ^ 1);
                    const u32 to = limits + k.stage * 16;
#pragma unroll
                    for (int i = 0; i < PARTS; i++)
                        put(to + 4 * i, all ? PART : limit[i]);
                    put(to + 12, all);
                    const u32 full = kFull + 8 * k.stage, tileAt = ks + k.stage * TILE_BYTES;
                    expect(full, TILE_BYTES);
#pragma unroll
                    for (int i = 0; i < PARTS; i++) {
#if FLOAT8
                        copyTile(tileAt + i * PART * 128, &kMap, full, 0, keyOf[i], head);
#else
                        copyTile(tileAt + i * PART * 128, &kMap, full, 0, keyOf[i], head);
                        copyTile(tileAt + (KEYS + i * PART) * 128, &kMap, full, 64, keyOf[i], head);
#endif
                    }
                    k.next();
                }
                if (tile == 0 && tiles > 0) {
                    expect(qFull, Q_BYTES);
#pragma unroll
                    for (int w = 0; w < 2; w++) {
                        const u32 to = qs + w * (Q_BYTES / 2);
#if FLOAT8
                        copyTile(to, &qMap, qFull, 0, row * QUERIES + w * 64, head);
#else
                        copyTile(to, &qMap, qFull, 0, row * QUERIES + w * 64, head);
                        copyTile(to + 64 * 128, &qMap, qFull, 64, row * QUERIES + w * 64, head);
#endif
                    }
                }
                if (tile > 0) {
                    await(vEmpty + 8 * v.stage, v.phase ^ 1);
                    const u32 full = vFull + 8 * v.stage, tileAt = vs + v.stage * TILE_BYTES;
                    expect(full, TILE_BYTES);
#pragma unroll
                    for (int i = 0; i < PARTS; i++) {
#if FLOAT8
                        // Values lie turned: rows of a dimension, 64 keys of it a row.
                        copyTile(tileAt + i * PART * HEAD, &vMap, full, first[i], 0, head);
#else
                        copyTile(tileAt + i * PART * 128, &vMap, full, 0, first[i], head);
                        copyTile(tileAt + (KEYS + i * PART) * 128, &vMap, full, 64, first[i], head);
#endif
                    }
                    v.next();
                }
            }
        }
    } else {
        manyRegisters();
        const int w = group - 1, lane = threadIdx.x & 31, warp = (threadIdx.x >> 5) & 3;
        const u32 qAt = qs + w * (Q_BYTES / 2);
        const float infinity = __int_as_float(0x7f800000);
        Ring k, v;
        float s[KEYS / 2], o[HEAD / 2];
        u32 p[KEYS * BYTES / 8];
#if FLOAT8
        const float unit = scale * scales[head];
#else
        const float unit = scale;
#endif
        float top[2] = {-infinity, -infinity}, sum[2] = {0.f, 0.f}, factor[2];
#pragma unroll
        for (int i = 0; i < HEAD / 2; i++) o[i] = 0.f;

        auto queueScores = [&]() {
            const u32 tile = ks + k.stage * TILE_BYTES;
            productsBegin();
#pragma unroll
            for (int d = 0; d < HEAD * BYTES / 32; d++) {
                const u32 panel = d / 4, in = d % 4 * 32;
                scores(s, matrix(qAt + panel * 64 * 128 + in, 16, 1024, SWIZZLE128),
                       matrix(tile + panel * KEYS * 128 + in, 16, 1024, SWIZZLE128), d > 0);
            }
            productsEnd();
        };
        auto queueValues = [&]() {
            const u32 tile = vs + v.stage * TILE_BYTES;
            productsBegin();
#pragma unroll
            for (int j = 0; j < KEYS * BYTES / 32; j++) {
#if FLOAT8
                values(o, p + 4 * j, matrix(tile + j / 2 * PART * HEAD + j % 2 * 32, 16, 512, SWIZZLE64), 1);
#else
                values(o, p + 4 * j, matrix(tile + j * 16 * 128, KEYS * 128, 1024, SWIZZLE128), 1);
#endif
            }
            productsEnd();
        };
        // After the scores are there: masks, frees the keys, makes weights of the scores. No branches while
        // products run: the compiler would wait for them first.
        auto weigh = [&](const bool masked) {
            if (masked) {
                const u32 from = limits + k.stage * 16;
#pragma unroll
                for (int i = 0; i < PARTS; i++) {
                    const int limit = get(from + 4 * i);
#pragma unroll
                    for (int n = 0; n < 8; n++)
#pragma unroll
                        for (int e = 0; e < 4; e++)
                            if (n * 8 + (lane & 3) * 2 + (e & 1) >= limit) s[i * 32 + n * 4 + e] = -infinity;
                }
            }
#pragma unroll
            for (int h = 0; h < 2; h++) {
                float most = top[h];
#pragma unroll
                for (int n = 0; n < KEYS / 8; n++) most = fmaxf(most, fmaxf(s[n * 4 + 2 * h], s[n * 4 + 2 * h + 1]));
                most = fmaxf(most, quad(most, 1));
                most = fmaxf(most, quad(most, 2));
                // A top that is a little too small changes nothing but the numbers' size.
                if (most * unit <= (top[h] * unit) + SLACK) most = top[h];
                const float shift = most * unit - RAISE;
                factor[h] = power2((top[h] - most) * unit);
                top[h] = most;
                float more = 0.f;
#pragma unroll
                for (int n = 0; n < KEYS / 8; n++)
#pragma unroll
                    for (int e = 2 * h; e < 2 * h + 2; e++) {
                        s[n * 4 + e] = power2(s[n * 4 + e] * unit - shift);
                        more += s[n * 4 + e];
                    }
                sum[h] = sum[h] * factor[h] + more;
            }
            __syncwarp();
            // The condition is always true, but the compiler does not know: it would wait for the products first and
            // make the weights afterwards.
            if (lane == 0 && !(sum[0] < 0.f) && !(sum[1] < 0.f)) arrive(kEmpty + 8 * k.stage);
            k.next();
        };
        auto round = [&]() {
#if FLOAT8
#pragma unroll
            for (int j = 0; j < KEYS / 32; j++) {
                const float* x = s + 16 * j;
#pragma unroll
                for (int half = 0; half < 2; half++) {
                    p[4 * j + 2 * half] = pack8(x[8 * half], x[8 * half + 1], x[8 * half + 4], x[8 * half + 5]);
                    p[4 * j + 2 * half + 1] = pack8(x[8 * half + 2], x[8 * half + 3], x[8 * half + 6], x[8 * half + 7]);
                }
            }
#else
#pragma unroll
            for (int j = 0; j < KEYS / 4; j++) p[j] = pack(s[2 * j], s[2 * j + 1]);
#endif
        };

        auto step = [&](const bool masked) {
            queueScores();
            await(vFull + 8 * v.stage, v.phase);
            queueValues();
            productsWait<1>();
            pin<KEYS / 2>(s);
            weigh(masked);
            productsWait<0>();
            pin<HEAD / 2>(o);
            if (lane == 0) arrive(vEmpty + 8 * v.stage);
            v.next();
        };

        if (tiles > 0) {
            await(qFull, 0);
            await(kFull + 8 * k.stage, k.phase);
            queueScores();
            productsWait<0>();
            pin<KEYS / 2>(s);
            weigh(true);
            round();
#pragma unroll 1
            for (int tile = 1; tile < tiles; tile++) {
                await(kFull + 8 * k.stage, k.phase);
                if (get(limits + k.stage * 16 + 12)) step(false);
                else step(true);
                round();
                if (__any_sync(0xffffffffu, factor[0] != 1.f || factor[1] != 1.f)) {
#pragma unroll
                    for (int n = 0; n < HEAD / 8; n++)
#pragma unroll
                        for (int e = 0; e < 4; e++) o[n * 4 + e] *= factor[e >> 1];
                }
            }
            await(vFull + 8 * v.stage, v.phase);
            queueValues();
            productsWait<0>();
            pin<HEAD / 2>(o);
            if (lane == 0) arrive(vEmpty + 8 * v.stage);
            v.next();
        }
        float share[2];
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float all = sum[h];
            all += quad(all, 1);
            all += quad(all, 2);
            share[h] = all > 0.f ? 1.f / all : 0.f;
#if FLOAT8
            share[h] *= valueScales[head];
#endif
            const int query = row * QUERIES + w * 64 + warp * 16 + h * 8 + (lane >> 2);
            if (query < queries && (lane & 3) == 0)
                sums[(i64) head * queries + query] =
                    all > 0.f ? (top[h] * unit - RAISE + log2f(all)) * 0.6931471805599453f : -infinity;
#if FLOAT8
            if (query < queries) {
                u16* to = out + ((i64) query * heads + head) * HEAD + (lane & 3) * 2;
#pragma unroll
                for (int n = 0; n < HEAD / 8; n++)
                    *(u32*) (to + n * 8) = pack(o[n * 4 + 2 * h] * share[h], o[n * 4 + 2 * h + 1] * share[h]);
            }
#endif
        }
#if !FLOAT8
        // Through the warp's own rows of the queries, so that whole rows are written. Chunks of 16 bytes lie as
        // chunk ^ row.
        const u32 rowsAt = qAt + warp * 16 * 256;
        groupWait(w);
#pragma unroll
        for (int n = 0; n < HEAD / 16; n++) {
            const int r = lane & 15, c = (2 * n + (lane >> 4)) ^ (r & 7);
            putMatrices(rowsAt + r * 256 + c * 16, pack(o[8 * n] * share[0], o[8 * n + 1] * share[0]),
                        pack(o[8 * n + 2] * share[1], o[8 * n + 3] * share[1]),
                        pack(o[8 * n + 4] * share[0], o[8 * n + 5] * share[0]),
                        pack(o[8 * n + 6] * share[1], o[8 * n + 7] * share[1]));
        }
        __syncwarp();
#pragma unroll
        for (int i = 0; i < 8; i++) {
            const int r = 2 * i + (lane >> 4), c = lane & 15;
            const int query = row * QUERIES + w * 64 + warp * 16 + r;
            u32 x[4];
            get16(rowsAt + r * 256 + ((c ^ (r & 7)) * 16), x);
            if (query < queries) store16(out + ((i64) query * heads + head) * HEAD + c * 8, x);
        }
#endif
    }
}
