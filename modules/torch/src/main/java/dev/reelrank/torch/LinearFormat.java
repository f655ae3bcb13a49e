package dev.reelrank.torch;

/** How a linear layer keeps its weight and computes with it. */
public enum LinearFormat {
    /** As the model's element type. */
    DENSE,
    /**
     * Weight in float8 (e4m3) with a scale per output, activations quantized per row when they
     * come, product in float8: half the memory, nearly twice the speed. Needs a GPU of compute
     * capability 8.9 or later; the CPU only imitates it.
     */
    FLOAT8_DYNAMIC,
    /**
     * Weight in float8 (e4m3) with a scale per output, widened for each product: half the memory, a
     * little slower, runs anywhere.
     */
    FLOAT8_WEIGHTS,
    /**
     * Weight in bfloat16, widened for each product: half the memory beside float32 hidden states,
     * for processors without bfloat16 instructions.
     */
    BFLOAT16_WEIGHTS
}
