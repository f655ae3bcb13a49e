package dev.reelrank.evaluation.look;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is said about models that are not there. */
final class Missing {
    private Missing() {}

    static String model(String name) {
        return "the model '%s' is not in the models folder (docs/evaluation.md says where it comes from)"
                .formatted(name);
    }

    static Path required(@Nullable Path folder) {
        return Objects.requireNonNull(folder, "a look without its model is not loaded");
    }
}
