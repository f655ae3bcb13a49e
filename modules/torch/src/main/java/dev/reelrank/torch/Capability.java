package dev.reelrank.torch;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/** A GPU's CUDA compute capability, and what of ours it can run. */
record Capability(int major, int minor) {
    /** Whether our kernels compile for it. */
    boolean ownKernels() {
        return major >= 8;
    }

    /** Whether it multiplies matrices in float8 with a scale for each row. */
    boolean float8Products() {
        return major > 8 || (major == 8 && minor >= 9);
    }

    /** Whether cuDNN has attention in float8 for it. */
    boolean float8Attention() {
        return major >= 9;
    }

    /** Whether it is Hopper, whose instructions no other GPU has. */
    boolean hopper() {
        return major == 9 && minor == 0;
    }

    /** What the compiler is asked for: Hopper's own instructions are there for sm_90a only. */
    String architecture() {
        return "sm_" + major + minor + (hopper() ? "a" : "");
    }

    /**
     * Lets products in float8 go on.
     *
     * @throws StageException INVALID_CONFIG naming the GPU and what to use instead
     */
    void requireFloat8Products(Device device) {
        if (!float8Products()) {
            throw missing("float8 products", "8.9", device, "fp8-weights or bf16");
        }
    }

    /**
     * Lets attention in float8 go on.
     *
     * @throws StageException INVALID_CONFIG naming the GPU and what to use instead
     */
    void requireFloat8Attention(Device device) {
        requireFloat8Products(device);
        if (!float8Attention()) {
            throw missing("float8 attention", "9.0", device, "fp8, fp8-weights or bf16");
        }
    }

    private StageException missing(String what, String from, Device device, String instead) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "%s need%s a GPU of compute capability %s or later, and %s has %d.%d: use --precision %s"
                        .formatted(
                                what,
                                what.endsWith("s") ? "" : "s",
                                from,
                                device,
                                major,
                                minor,
                                instead));
    }
}
