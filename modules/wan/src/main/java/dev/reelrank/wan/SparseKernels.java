package dev.reelrank.wan;

import org.jspecify.annotations.Nullable;

/** Which kernels of our own compute sparse attention on a GPU, where it has them. */
enum SparseKernels {
    /** None: libtorch's operations. */
    NONE,
    /** Those in bfloat16. */
    BFLOAT16,
    /** Those in float8 where the GPU has them: faster, with a larger error. */
    FLOAT8;

    /** As a configuration says it: 0, 1 or 2; null for those in bfloat16. */
    static SparseKernels of(@Nullable Double number) {
        return number == null ? BFLOAT16 : values()[(int) Math.round(number)];
    }

    boolean own() {
        return this != NONE;
    }
}
