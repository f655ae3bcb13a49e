package dev.reelrank.pipeline.config;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import org.jspecify.annotations.Nullable;

/** Range checks whose message names the key, the value and the range. */
final class Check {
    private Check() {}

    static void range(String key, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s is %s; it must be %s %s"
                            .formatted(
                                    key,
                                    number(value),
                                    min == Double.MIN_VALUE
                                            ? "above 0 and at most"
                                            : "between " + number(min) + " and",
                                    number(max)));
        }
    }

    static void that(boolean ok, String key, @Nullable Object value, String rule) {
        if (!ok) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s is '%s'; it must be %s".formatted(key, value, rule));
        }
    }

    private static String number(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e15
                ? Long.toString((long) v)
                : Double.toString(v);
    }
}
