package dev.reelrank.grading;

import java.util.Map;

/** The kinds of evidence, in the order they are reported. */
public enum EvidenceKind {
    /** Does the video show what the prompt says. */
    SEMANTIC("semantic", "what is shown"),
    /** Are things where the prompt puts them. */
    SPATIAL("spatial", "where things are"),
    /** Measures of the video itself: steadiness, motion, likeness to the reference. */
    BENCHMARK("benchmark", "how the video holds together"),
    /** What past selections say about it. */
    PREFERENCE("preference", "what was preferred before"),
    /** A checklist on looks, motion, coherence and fidelity. */
    VISION_REWARD("visionReward", "how it looks");

    private final String id;
    private final String topic;

    EvidenceKind(String id, String topic) {
        this.id = id;
        this.topic = topic;
    }

    /** The key in results and reports. */
    public String id() {
        return id;
    }

    /** What it is about, for sentences. */
    public String topic() {
        return topic;
    }

    /** Its weight before renormalisation, 0..1. */
    public double weight(Map<String, Double> weights) {
        return weights.getOrDefault(id, 0.0);
    }
}
