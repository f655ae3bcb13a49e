package dev.reelrank.wan;

import org.jspecify.annotations.Nullable;

/** Which kernels of our own compute sparse attention on a GPU, where it has them. */
enum SparseKernels {
    /** None: libtorch's operations. */
    NONE,
    /** Those that ran on a GPU. */
    TRIED,
    /** The faster ones too, which did not yet. */
    ALL;

    /** As a configuration says it: 0, 1 or 2; null for those that ran. */
    static SparseKernels of(@Nullable Double number) {
        return number == null ? TRIED : values()[(int) Math.round(number)];
    }

    boolean own() {
        return this != NONE;
    }
}
