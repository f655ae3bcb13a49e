package dev.reelrank.qwen;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import java.util.Locale;

/** In which numbers the model computes. */
public enum QwenPrecision {
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
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a label; {@code auto} is bf16 on a GPU and fp32 on a CPU.
     *
     * @throws StageException INVALID_CONFIG for another word
     */
    public static QwenPrecision parse(String label, Device device) {
        if (label.equals("auto")) {
            return device.isCuda() ? BF16 : FP32;
        }
        for (var precision : values()) {
            if (precision.label().equals(label)) {
                return precision;
            }
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "unknown precision: '" + label + "'; use auto, fp32, bf16 or int4");
    }
}
