package dev.reelrank.qwen;

import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.NamedPrecision;
import java.util.Locale;

/** In which numbers the model computes. */
public enum QwenPrecision implements NamedPrecision {
    FP32(DType.FLOAT32),
    BF16(DType.BFLOAT16),
    /** Decoder weights in 4 bits by groups of inputs, everything else in bfloat16. */
    INT4(DType.BFLOAT16);

    private final DType activations;

    QwenPrecision(DType activations) {
        this.activations = activations;
    }

    DType activations() {
        return activations;
    }

    /** As on the command line: {@code fp32}, {@code bf16}, {@code int4}. */
    @Override
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads an {@link #id}; {@code auto} is bf16 on a GPU and fp32 on a CPU.
     *
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for another word
     */
    public static QwenPrecision parse(String text, Device device) {
        return NamedPrecision.parse(text, device, FP32, BF16, values());
    }
}
