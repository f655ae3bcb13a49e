package dev.reelrank.wan;

/** The two transformers: one for high noise, one for low. */
enum Expert {
    HIGH("high", "transformer"),
    LOW("low", "transformer_2");

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

    Expert other() {
        return this == HIGH ? LOW : HIGH;
    }
}
