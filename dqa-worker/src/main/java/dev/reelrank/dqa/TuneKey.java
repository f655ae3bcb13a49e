package dev.reelrank.dqa;

import dev.reelrank.pipeline.stage.LoadKey;
import java.nio.file.Path;

/** Which models measure what the preference model learns from. */
record TuneKey(Path dinov3, Path clip) implements LoadKey {
    @Override
    public String precision() {
        return "fp32";
    }

    @Override
    public String toString() {
        return "%s and %s in %s".formatted(dinov3, clip, precision());
    }
}
