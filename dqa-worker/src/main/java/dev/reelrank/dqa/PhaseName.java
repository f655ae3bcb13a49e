package dev.reelrank.dqa;

import java.util.Locale;

/** The phases of the grading in the order they run. */
public enum PhaseName {
    /** Qwen3-VL: the prompt's facts, the semantic evidence, the vision reward. */
    LANGUAGE,
    /** DINOv3 and CLIP: the spatial evidence and the benchmark's embeddings. */
    PERCEPTION,
    /** No network: flicker and optical flow. */
    MOTION;

    /** For logs and reports: {@code language}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
