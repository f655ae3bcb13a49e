package dev.reelrank.dqa;

import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.qwen.QwenPrecision;
import java.nio.file.Path;

/**
 * Which models grading loads.
 *
 * @param language precision of Qwen; the other two compute in float32
 */
record GradeKey(QwenPrecision language, Path qwen, Path dinov3, Path clip) implements LoadKey {
    @Override
    public String precision() {
        return language.id();
    }

    @Override
    public String toString() {
        return "%s in %s, %s and %s".formatted(qwen, precision(), dinov3, clip);
    }
}
