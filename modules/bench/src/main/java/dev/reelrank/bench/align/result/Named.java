package dev.reelrank.bench.align.result;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What an option's text names. */
final class Named {
    private Named() {}

    /**
     * The value whose name is {@code text}.
     *
     * @param name of a value
     * @throws StageException INVALID_CONFIG naming the option and all values
     */
    static <T> T of(T[] values, Function<T, String> name, String option, String text) {
        return Arrays.stream(values)
                .filter(v -> name.apply(v).equals(text))
                .findFirst()
                .orElseThrow(() -> unknown(values, name, option, text));
    }

    private static <T> StageException unknown(
            T[] values, Function<T, String> name, String option, String text) {
        var names = Arrays.stream(values).map(name).collect(Collectors.joining(", "));
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "%s is '%s'; it may be %s".formatted(option, text, names));
    }
}
