package dev.reelrank.hub.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/** Types of elements, by their names in PyTorch and in safetensors. */
enum ElementType {
    F64("DoubleStorage", "float64", 8),
    F32("FloatStorage", "float32", 4),
    F16("HalfStorage", "float16", 2),
    BF16("BFloat16Storage", "bfloat16", 2),
    F8_E4M3("", "float8_e4m3fn", 1),
    F8_E5M2("", "float8_e5m2", 1),
    I64("LongStorage", "int64", 8),
    I32("IntStorage", "int32", 4),
    I16("ShortStorage", "int16", 2),
    I8("CharStorage", "int8", 1),
    U8("ByteStorage", "uint8", 1),
    BOOL("BoolStorage", "bool", 1);

    private final String storage;
    private final String dtype;
    private final int bytes;

    ElementType(String storage, String dtype, int bytes) {
        this.storage = storage;
        this.dtype = dtype;
        this.bytes = bytes;
    }

    /** Bytes of an element. */
    int bytes() {
        return bytes;
    }

    static Optional<ElementType> ofStorage(String name) {
        return Arrays.stream(values())
                .filter(t -> !t.storage.isEmpty() && t.storage.equals(name))
                .findFirst();
    }

    static Optional<ElementType> ofDtype(String name) {
        return Arrays.stream(values()).filter(t -> t.dtype.equals(name)).findFirst();
    }
}
