package dev.reelrank.bench.generator;

import java.util.List;
import java.util.Locale;

/** What a GPU kernel does, by words of its name; the first that fits. */
enum WorkKind {
    COPY("copy", "memcpy", "catarray", "nchwtonhwc", "nhwctonchw", "transpose", "permute"),
    ATTENTION("attention", "flash", "fmha", "sdpa", "softmax", "head_layer_norm"),
    NORM("norm", "picture_sums", "picture_factors", "rowwisemoments", "fusedparams", "modulat"),
    CONVOLUTION("conv", "fprop", "implicit", "winograd"),
    MATRIX("gemm", "nvjet", "cutlass", "matmul"),
    RESAMPLING("upsample", "index", "gather"),
    ELEMENTWISE("elementwise", "gelu", "silu", "add", "mul", "fill", "memset"),
    OTHER();

    private final List<String> words;

    WorkKind(String... words) {
        this.words = List.of(words);
    }

    static WorkKind of(String kernel) {
        String name = kernel.toLowerCase(Locale.ROOT);
        for (var kind : values()) {
            if (kind.words.stream().anyMatch(name::contains)) {
                return kind;
            }
        }
        return OTHER;
    }

    /** In figures. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
