package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types, with their names in safetensors files and in libtorch. */
public enum DType {
    FLOAT64("F64", ScalarType.Double, 8),
    FLOAT32("F32", ScalarType.Float, 4),
    BFLOAT16("BF16", ScalarType.BFloat16, 2),
    FLOAT16("F16", ScalarType.Half, 2),
    FLOAT8_E4M3("F8_E4M3", ScalarType.Float8_e4m3fn, 1),
    FLOAT8_E5M2("F8_E5M2", ScalarType.Float8_e5m2, 1),
    INT64("I64", ScalarType.Long, 8),
    INT32("I32", ScalarType.Int, 4),
    INT16("I16", ScalarType.Short, 2),
    INT8("I8", ScalarType.Char, 1),
    UINT8("U8", ScalarType.Byte, 1),
    BOOL("BOOL", ScalarType.Bool, 1);

    private final String safetensorsName;
    private final ScalarType scalarType;
    private final int bytes;

    DType(String safetensorsName, ScalarType scalarType, int bytes) {
        this.safetensorsName = safetensorsName;
        this.scalarType = scalarType;
        this.bytes = bytes;
    }

    /** The name in a safetensors header, for example {@code BF16}. */
    public String safetensorsName() {
        return safetensorsName;
    }

    /** libtorch's name of this type. */
    public ScalarType scalarType() {
        return scalarType;
    }

    /** Bytes an element takes. */
    public int bytes() {
        return bytes;
    }

    /** Whether values are real numbers, so that weights of this type may be converted. */
    public boolean isFloating() {
        return switch (this) {
            case FLOAT64, FLOAT32, BFLOAT16, FLOAT16, FLOAT8_E4M3, FLOAT8_E5M2 -> true;
            case INT64, INT32, INT16, INT8, UINT8, BOOL -> false;
        };
    }

    /** The type of a tensor's elements. */
    public static DType of(Tensor tensor) {
        ScalarType type = tensor.scalar_type().intern();
        return Arrays.stream(values())
                .filter(d -> d.scalarType == type)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("unsupported element type " + type));
    }

    static DType parse(String safetensorsName, String where) {
        return Arrays.stream(values())
                .filter(d -> d.safetensorsName.equals(safetensorsName))
                .findFirst()
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.MODEL_MISMATCH,
                                        where
                                                + " has element type "
                                                + safetensorsName
                                                + ", which is none of "
                                                + Arrays.stream(values())
                                                        .map(DType::safetensorsName)
                                                        .toList()));
    }
}
