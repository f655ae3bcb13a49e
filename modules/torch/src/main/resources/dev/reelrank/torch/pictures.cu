// Group norms of pictures whose channels lie last in memory, bfloat16: sums, then the norm with what follows it.
// Pictures of a clip lie one after the other and are normalised together; `positions` counts those of a clip.
// A block has 16 lanes of 8 channels each and 16 rows of positions. blockIdx.x is a share of the positions of a
// clip, blockIdx.y counts clips and, within them, tiles of 16 lanes.

// Sums and squares of each channel over a share of its positions, less the channel's first value: [clip][share][2][channels].
extern "C" __global__ void __launch_bounds__(256) picture_sums(const Vec8* x, float* sums, int vectors, int tiles, int positions, int share) {
    __shared__ float shared[16][16][16];
    const int lane = threadIdx.x & 15, row = threadIdx.x >> 4;
    const int clip = blockIdx.y / tiles, tile = blockIdx.y % tiles, vector = tile * 16 + lane;
    const Vec8* base = x + (size_t) clip * positions * vectors;
    const int end = min(positions, (int) (blockIdx.x + 1) * share);
    float first[8], sum[8], square[8];
#pragma unroll
    for (int i = 0; i < 8; i++) sum[i] = square[i] = 0.f;
    if (vector < vectors) {
        unpack(base[vector], first);
        for (int p = blockIdx.x * share + row; p < end; p += 16) {
            float f[8];
            unpack(base[(size_t) p * vectors + vector], f);
#pragma unroll
            for (int i = 0; i < 8; i++) { float d = f[i] - first[i]; sum[i] += d; square[i] += d * d; }
        }
    }
#pragma unroll
    for (int i = 0; i < 8; i++) { shared[row][lane][i] = sum[i]; shared[row][lane][8 + i] = square[i]; }
    __syncthreads();
    const int which = threadIdx.x & 15, of = threadIdx.x >> 4;
    float total = 0.f;
#pragma unroll
    for (int i = 0; i < 16; i++) total += shared[i][of][which];
    if (tile * 16 + of < vectors) {
        float* out = sums + ((size_t) clip * gridDim.x + blockIdx.x) * 2 * vectors * 8;
        out[(which >> 3) * vectors * 8 + (tile * 16 + of) * 8 + (which & 7)] = total;
    }
}

// Factor and shift of each channel: [clip][2][channels]. What is normalised is x plus a number for each channel (before), or x (null). A block works on the group blockIdx.x of the clip blockIdx.y.
extern "C" __global__ void __launch_bounds__(128) picture_factors(const Vec8* x, const float* sums, const u32* weight, const u32* bias, const u32* before,
        float* factors, int channels, int groups, int positions, int shares, float epsilon) {
    __shared__ float means[128], spreads[128];
    __shared__ double part[2][128];
    __shared__ float mean, inverse;
    // As many threads as there are add up shares of a channel, which are many for few large pictures.
    const int each = channels / groups, slices = blockDim.x / each, slice = threadIdx.x / each, clip = blockIdx.y;
    const int channel = blockIdx.x * each + threadIdx.x % each;
    double sum = 0, square = 0;
    if (slice < slices) {
        for (int s = slice; s < shares; s += slices) {
            const float* at = sums + ((size_t) clip * shares + s) * 2 * channels;
            sum += at[channel];
            square += at[channels + channel];
        }
    }
    part[0][threadIdx.x] = sum;
    part[1][threadIdx.x] = square;
    __syncthreads();
    if (threadIdx.x < each) {
        for (int s = 1; s < slices; s++) {
            sum += part[0][s * each + threadIdx.x];
            square += part[1][s * each + threadIdx.x];
        }
        u32 pair = ((const u32*) (x + (size_t) clip * positions * (channels / 8)))[channel / 2];
        float first = channel & 1 ? high(pair) : low(pair);
        float added = !before ? 0.f : channel & 1 ? high(before[channel / 2]) : low(before[channel / 2]);
        means[threadIdx.x] = (float) (first + sum / positions) + added;
        spreads[threadIdx.x] = (float) (square - sum * sum / positions);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        float m = 0.f, q = 0.f;
        for (int i = 0; i < each; i++) m += means[i];
        m /= each;
        for (int i = 0; i < each; i++) { float d = means[i] - m; q += spreads[i] / positions + d * d; }
        mean = m;
        inverse = rsqrtf(q / each + epsilon);
    }
    __syncthreads();
    if (threadIdx.x < each) {
        float w = channel & 1 ? high(weight[channel / 2]) : low(weight[channel / 2]);
        float b = channel & 1 ? high(bias[channel / 2]) : low(bias[channel / 2]);
        float* out = factors + (size_t) clip * 2 * channels;
        out[channel] = w * inverse;
        float added = !before ? 0.f : channel & 1 ? high(before[channel / 2]) : low(before[channel / 2]);
        out[channels + channel] = b + (added - mean) * w * inverse;
    }
}

// Which latent frame a frame of a chunk belongs to: of an odd number the first one belongs to the first.
__device__ __forceinline__ int latentFrame(int frame, int frames, int latents) {
    if (frames == latents) return frame;
    if (frames > 1 && (frames & 1)) return frame == 0 ? 0 : 1 + (frame - 1) / ((frames - 1) / (latents - 1));
    return frame / (frames / latents);
}

// x * factor + shift; with LATENTS times a scale and plus a shift for each latent position (nearest); then SiLU if asked.
template <bool SILU, bool LATENTS>
__device__ __forceinline__ void norm(const Vec8* x, const float* factors, Vec8* out, const Vec8* scale, const Vec8* shift,
        int vectors, int tiles, int positions, int share, int frames, int height, int width, int latents, int latentHeight, int latentWidth) {
    const int lane = threadIdx.x & 15, row = threadIdx.x >> 4;
    const int clip = blockIdx.y / tiles, tile = blockIdx.y % tiles, vector = tile * 16 + lane;
    if (vector >= vectors) return;
    const size_t base = (size_t) clip * positions * vectors;
    const int end = min(positions, (int) (blockIdx.x + 1) * share);
    const float* own = factors + (size_t) clip * 2 * vectors * 8 + vector * 8;
    float a[8], b[8];
#pragma unroll
    for (int i = 0; i < 8; i++) { a[i] = own[i]; b[i] = own[vectors * 8 + i]; }
    for (int p = blockIdx.x * share + row; p < end; p += 16) {
        float f[8];
        unpack(x[base + (size_t) p * vectors + vector], f);
#pragma unroll
        for (int i = 0; i < 8; i++) f[i] = f[i] * a[i] + b[i];
        if (LATENTS) {
            int column = p % width, line = p / width % height, frame = p / width / height;
            size_t place = ((size_t) latentFrame(frame, frames, latents) * latentHeight + line * latentHeight / height) * latentWidth
                    + column * latentWidth / width;
            float s[8], t[8];
            unpack(scale[place * vectors + vector], s);
            unpack(shift[place * vectors + vector], t);
#pragma unroll
            for (int i = 0; i < 8; i++) f[i] = f[i] * s[i] + t[i];
        }
        if (SILU) {
#pragma unroll
            for (int i = 0; i < 8; i++) f[i] = silu(f[i]);
        }
        out[base + (size_t) p * vectors + vector] = packed(f);
    }
}
#define NORM(NAME, SILU, LATENTS)                                                                                                   \
    extern "C" __global__ void __launch_bounds__(256) NAME(const Vec8* x, const float* factors, Vec8* out, const Vec8* scale,       \
            const Vec8* shift, int vectors, int tiles, int positions, int share, int frames, int height, int width, int latents,    \
            int latentHeight, int latentWidth) {                                                                                    \
        norm<SILU, LATENTS>(x, factors, out, scale, shift, vectors, tiles, positions, share, frames, height, width, latents,        \
                            latentHeight, latentWidth);                                                                             \
    }
NORM(picture_norm, false, false)
NORM(picture_norm_silu, true, false)
NORM(picture_norm_latents, false, true)
NORM(picture_norm_latents_silu, true, true)

// value * GELU(gate) by the error function; a row has `vectors` of values, then as many of gates.
extern "C" __global__ void __launch_bounds__(256) gated_gelu(const Vec8* x, Vec8* out, int vectors, long long total) {
    for (long long i = blockIdx.x * 256ll + threadIdx.x; i < total; i += gridDim.x * 256ll) {
        long long row = i / vectors;
        int at = (int) (i - row * vectors);
        float v[8], g[8];
        unpack(x[row * 2 * vectors + at], v);
        unpack(x[row * 2 * vectors + vectors + at], g);
#pragma unroll
        for (int j = 0; j < 8; j++) v[j] *= 0.5f * g[j] * (1.f + erff(g[j] * 0.70710678f));
        out[i] = packed(v);
    }
}

// Attention of the frames at each position, for clips of at most 32 frames: rows are [clip][frame][position][head][8 * vectors].
// A group of 16 or 32 lanes works on one head of one position, a lane on one query; lanes past the last frame have none.
// GROUP lanes; keys and values of a group's lanes have equal addresses, so that each is read once.
template <int GROUP>
__device__ __forceinline__ void frameAttention(const Vec8* q, const Vec8* k, const Vec8* v, Vec8* out, int frames, int positions, int heads,
        int vectors, long long total, float scale) {
    const int lane = threadIdx.x % GROUP;
    const long long step = (long long) positions * heads * vectors;
    for (long long g = (blockIdx.x * 256ll + threadIdx.x) / GROUP; g < total; g += gridDim.x * 256ll / GROUP) {
        if (lane >= frames) continue;
        const long long clip = g / ((long long) positions * heads), inside = g - clip * positions * heads;
        const size_t base = (size_t) clip * frames * step + (size_t) inside * vectors, own = base + lane * step;
        float score[GROUP];
#pragma unroll
        for (int j = 0; j < GROUP; j++) score[j] = 0.f;
        for (int c = 0; c < vectors; c++) {
            float mine[8];
            unpack(q[own + c], mine);
#pragma unroll
            for (int j = 0; j < GROUP; j++) {
                if (j < frames) {
                    float theirs[8];
                    unpack(k[base + j * step + c], theirs);
#pragma unroll
                    for (int i = 0; i < 8; i++) score[j] += mine[i] * theirs[i];
                }
            }
        }
        float most = score[0], sum = 0.f;
#pragma unroll
        for (int j = 1; j < GROUP; j++) if (j < frames) most = fmaxf(most, score[j]);
#pragma unroll
        for (int j = 0; j < GROUP; j++) {
            score[j] = j < frames ? __expf((score[j] - most) * scale) : 0.f;
            sum += score[j];
        }
        const float inverse = 1.f / sum;
        for (int c = 0; c < vectors; c++) {
            float seen[8];
#pragma unroll
            for (int i = 0; i < 8; i++) seen[i] = 0.f;
#pragma unroll
            for (int j = 0; j < GROUP; j++) {
                if (j < frames) {
                    float theirs[8];
                    unpack(v[base + j * step + c], theirs);
#pragma unroll
                    for (int i = 0; i < 8; i++) seen[i] += score[j] * theirs[i];
                }
            }
#pragma unroll
            for (int i = 0; i < 8; i++) seen[i] *= inverse;
            out[own + c] = packed(seen);
        }
    }
}
extern "C" __global__ void __launch_bounds__(256) frame_attention_16(const Vec8* q, const Vec8* k, const Vec8* v, Vec8* out, int frames,
        int positions, int heads, int vectors, long long total, float scale) {
    frameAttention<16>(q, k, v, out, frames, positions, heads, vectors, total, scale);
}
extern "C" __global__ void __launch_bounds__(256) frame_attention_32(const Vec8* q, const Vec8* k, const Vec8* v, Vec8* out, int frames,
        int positions, int heads, int vectors, long long total, float scale) {
    frameAttention<32>(q, k, v, out, frames, positions, heads, vectors, total, scale);
}

// x + y + a number for each channel, written to x.
extern "C" __global__ void __launch_bounds__(256) picture_add(Vec8* x, const Vec8* y, const Vec8* bias, int vectors, long long total) {
    for (long long i = blockIdx.x * 256ll + threadIdx.x; i < total; i += gridDim.x * 256ll) {
        float a[8], b[8], c[8];
        unpack(x[i], a);
        unpack(y[i], b);
        unpack(bias[i % vectors], c);
#pragma unroll
        for (int j = 0; j < 8; j++) a[j] += b[j] + c[j];
        x[i] = packed(a);
    }
}
