// What a transformer block of VGGT does between its matrix products, one pass over memory each. Compiled when a model is
// loaded, for its own sizes, which come as definitions:
//   HEADS of a token       HEAD channels of each, a multiple of 32       DIM channels of a token, a multiple of 128
// Tokens are float32. What goes into products and comes from them is bfloat16 in memory and float32 in registers.

// Layer norm of each head of query and key with weight and bias, then rotation by the place of the token: channels of the
// first and third quarter of a head turn with those of the second and fourth. In place. A token has query, key and value
// side by side. The lanes of a head, a power of two, lie side by side in a warp, and a quarter has whole lanes.
extern "C" __global__ void __launch_bounds__(256) turn_heads(Vec8* all, const Vec8* queryWeight, const Vec8* queryBias, const Vec8* keyWeight,
        const Vec8* keyBias, const float4* cosine, const float4* sine, i64 vectors, int tokens, float epsilon) {
    const int LANES = HEAD / 8, QUARTER = HEAD / 32, ROW = HEADS * LANES;
    // The count and the stride are multiples of a warp, so that all its lanes are here or none.
    for (i64 i = blockIdx.x * 256ll + threadIdx.x; i < vectors; i += gridDim.x * 256ll) {
        i64 row = i / (2 * ROW);
        int at = (int) (i % (2 * ROW)), lane = at % LANES;
        Vec8* here = all + row * (3 * ROW) + at;
        float f[8], w[8], b[8];
        unpack(*here, f);
        unpack((at < ROW ? queryWeight : keyWeight)[lane], w);
        unpack((at < ROW ? queryBias : keyBias)[lane], b);
        layerNorm<LANES>(f, w, b, epsilon);
        // The sine is negative where the other quarter is subtracted.
        float4 c[2], s[2];
        i64 place = ((row % tokens) * HEAD + lane * 8) / 4;
#pragma unroll
        for (int j = 0; j < 2; j++) { c[j] = cosine[place + j]; s[j] = sine[place + j]; }
        const float *cs = (const float*) c, *sn = (const float*) s;
        float turned[8];
#pragma unroll
        for (int j = 0; j < 8; j++) turned[j] = f[j] * cs[j] + __shfl_xor_sync(0xffffffffu, f[j], QUARTER) * sn[j];
        *here = packed(turned);
    }
}

// The layer norm of tokens, of bfloat16; with a change, of tokens + change * scale (1 if scale is null), which is stored as the
// sum. A warp works on a token.
extern "C" __global__ void __launch_bounds__(256) add_norm(const float4* tokens, const uint2* change, const float4* scale, float4* sum,
        const float4* weight, const float4* bias, uint2* normed, i64 rows, float epsilon) {
    const int EACH = DIM / 128;
    i64 row = blockIdx.x * 8ll + threadIdx.x / 32;
    if (row >= rows) return;
    int lane = threadIdx.x % 32;
    size_t start = row * (DIM / 4) + lane;
    __align__(16) float v[4 * EACH];
    float total = 0.f;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
        float* f = v + 4 * i;
        *(float4*) f = tokens[start + 32 * i];
        if (change) {
            uint2 c = change[start + 32 * i];
            float4 s = scale ? scale[lane + 32 * i] : make_float4(1.f, 1.f, 1.f, 1.f);
            f[0] += low(c.x) * s.x;
            f[1] += high(c.x) * s.y;
            f[2] += low(c.y) * s.z;
            f[3] += high(c.y) * s.w;
            sum[start + 32 * i] = *(float4*) f;
        }
        total += f[0] + f[1] + f[2] + f[3];
    }
    float mean = warpSum(total) / DIM, squares = 0.f;
#pragma unroll
    for (int i = 0; i < 4 * EACH; i++) { v[i] -= mean; squares += v[i] * v[i]; }
    float r = rsqrtf(warpSum(squares) / DIM + epsilon);
#pragma unroll
    for (int i = 0; i < EACH; i++) {
        float* f = v + 4 * i;
        float4 w = weight[lane + 32 * i], b = bias[lane + 32 * i];
        uint2 n;
        n.x = pack(f[0] * r * w.x + b.x, f[1] * r * w.y + b.y);
        n.y = pack(f[2] * r * w.z + b.z, f[3] * r * w.w + b.w);
        normed[start + 32 * i] = n;
    }
}
