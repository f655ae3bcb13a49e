package dev.reelrank.diffusion;

import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.NamedPrecision;

/** How the transformers compute. Norms, time embedding and modulation are float32 in all. */
public enum Precision implements NamedPrecision {
    /** Everything in float32. */
    FP32("fp32", DType.FLOAT32, LinearFormat.DENSE),
    /** Hidden states and weights in bfloat16. */
    BF16("bf16", DType.BFLOAT16, LinearFormat.DENSE),
    /** As bf16, the blocks' linear layers in float8, activations quantized per row. */
    FP8("fp8", DType.BFLOAT16, LinearFormat.FLOAT8_DYNAMIC),
    /** As fp8, self-attention in float8 too, one scale each for queries, keys and values. */
    FP8_ATTENTION("fp8-attention", DType.BFLOAT16, LinearFormat.FLOAT8_DYNAMIC),
    /** As bf16, the blocks' linear weights stored in float8. */
    FP8_WEIGHTS("fp8-weights", DType.BFLOAT16, LinearFormat.FLOAT8_WEIGHTS),
    /** As fp32, the blocks' linear weights stored in bfloat16. */
    BF16_WEIGHTS("bf16-weights", DType.FLOAT32, LinearFormat.BFLOAT16_WEIGHTS);

    private final String id;
    private final DType dtype;
    private final LinearFormat format;

    Precision(String id, DType dtype, LinearFormat format) {
        this.id = id;
        this.dtype = dtype;
        this.format = format;
    }

    /**
     * Reads an {@link #id}; {@code auto} is float32 on the CPU, whatever the files hold, and
     * bfloat16 on a GPU.
     *
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for another word
     */
    public static Precision parse(String text, Device device) {
        return NamedPrecision.parse(text, device, FP32, BF16, values());
    }

    /** The name on the command line and in configurations, for example {@code fp8-weights}. */
    @Override
    public String id() {
        return id;
    }

    /** Whether linear layers take quantized rows. */
    public boolean float8Rows() {
        return format == LinearFormat.FLOAT8_DYNAMIC;
    }

    public DType dtype() {
        return dtype;
    }

    public LinearFormat format() {
        return format;
    }

    /** Bytes a parameter of the blocks takes. */
    public double bytesPerParameter() {
        return switch (this) {
            case FP32 -> 4;
            case BF16, BF16_WEIGHTS -> 2;
            case FP8, FP8_ATTENTION, FP8_WEIGHTS -> 1.02;
        };
    }
}
