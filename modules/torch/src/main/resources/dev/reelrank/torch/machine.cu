// What all kernels begin with: types, and instructions under a name. What a kernel does not call is not compiled.
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;
typedef long long i64;
typedef unsigned long long u64;

// Pairs of bfloat16, the first in the lower half.
__device__ __forceinline__ float low(u32 x) { return __uint_as_float(x << 16); }
__device__ __forceinline__ float high(u32 x) { return __uint_as_float(x & 0xffff0000u); }
__device__ __forceinline__ u32 pack(float lo, float hi) {
    u32 r;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(hi), "f"(lo));
    return r;
}
// Eight of them, as one load or store moves them.
struct __align__(16) Vec8 { u32 w[4]; };
__device__ __forceinline__ void unpack(const Vec8& v, float* f) {
#pragma unroll
    for (int i = 0; i < 4; i++) { f[2 * i] = low(v.w[i]); f[2 * i + 1] = high(v.w[i]); }
}
__device__ __forceinline__ Vec8 packed(const float* f) {
    Vec8 v;
#pragma unroll
    for (int i = 0; i < 4; i++) v.w[i] = pack(f[2 * i], f[2 * i + 1]);
    return v;
}
// Four e4m3, the first in the lowest byte. GPUs before 8.9 have none; precisions in float8 are refused there.
__device__ __forceinline__ u32 pack8(float a, float b, float c, float d) {
#if __CUDA_ARCH__ >= 890
    u16 lo, hi;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(lo) : "f"(b), "f"(a));
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(hi) : "f"(d), "f"(c));
    return (u32) lo | ((u32) hi << 16);
#else
    __trap();
    return 0;
#endif
}
__device__ __forceinline__ float power2(float x) {
    float r;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x));
    return r;
}
__device__ __forceinline__ float silu(float x) { return x / (1.f + __expf(-x)); }
// Of all lanes.
__device__ __forceinline__ float warpSum(float v) {
#pragma unroll
    for (int o = 16; o; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
    return v;
}
// The layer norm of eight channels a lane, over a power of two of lanes side by side.
template <int LANES>
__device__ __forceinline__ void layerNorm(float* f, const float* w, const float* b, float epsilon) {
    float sum = 0.f;
#pragma unroll
    for (int j = 0; j < 8; j++) sum += f[j];
#pragma unroll
    for (int o = LANES / 2; o; o >>= 1) sum += __shfl_xor_sync(0xffffffffu, sum, o);
    float mean = sum / (LANES * 8), squares = 0.f;
#pragma unroll
    for (int j = 0; j < 8; j++) { f[j] -= mean; squares += f[j] * f[j]; }
#pragma unroll
    for (int o = LANES / 2; o; o >>= 1) squares += __shfl_xor_sync(0xffffffffu, squares, o);
    float r = rsqrtf(squares / (LANES * 8) + epsilon);
#pragma unroll
    for (int j = 0; j < 8; j++) f[j] = f[j] * r * w[j] + b[j];
}
// Of the four lanes that share a row of a product.
__device__ __forceinline__ float quad(float v, int distance) { return __shfl_xor_sync(0xffffffffu, v, distance); }

__device__ __forceinline__ u32 sharedAddress(const void* p) { return (u32) __cvta_generic_to_shared(p); }
// Four matrices of 8 x 8 from shared memory; c (16 x 8) += a (16 x 16) b (16 x 8).
__device__ __forceinline__ void matrices(u32 address, u32* r) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}
__device__ __forceinline__ void turnedMatrices(u32 address, u32* r) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}
__device__ __forceinline__ void multiply(float* c, const u32* a, u32 b0, u32 b1) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
// Rows of 256 bytes in shared memory, their 16-byte chunks exchanged by row: ldmatrix meets no bank twice.
__device__ __forceinline__ u32 chunk(u32 base, int row, int column) { return base + row * 256 + ((column ^ (row & 7)) << 4); }
