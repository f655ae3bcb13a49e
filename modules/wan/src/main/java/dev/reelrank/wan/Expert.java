package dev.reelrank.wan;

import java.util.List;
import java.util.stream.Stream;

/** The two transformers: one for high noise, one for low. */
enum Expert {
    HIGH("high", "transformer"),
    LOW("low", "transformer_2");

    /** The words of both, as LoRA files call them. */
    static final List<String> WORDS = Stream.of(values()).map(Expert::word).toList();

    private final String word;
    private final String folder;

    Expert(String word, String folder) {
        this.word = word;
        this.folder = folder;
    }

    /** What LoRA files call it. */
    String word() {
        return word;
    }

    /** Its folder in a snapshot. */
    String folder() {
        return folder;
    }
}
