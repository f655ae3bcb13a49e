package dev.reelrank.cli;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.Gpus;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What {@code --gpus} means on this machine. */
final class Devices {
    private Devices() {}

    /**
     * @param gpus {@code all}, a number of GPUs, or their indices with commas ({@code 0,2}; one
     *     index alone needs a comma: {@code 2,}); null: all, or the CPU where there is none
     */
    static List<String> of(@Nullable String gpus) {
        List<String> there = Gpus.all().stream().map(g -> "cuda:" + g.index()).toList();
        if (gpus == null) {
            return there.isEmpty() ? List.of("cpu") : there;
        }
        if (gpus.equals("0")) {
            return List.of("cpu");
        }
        List<String> wanted;
        try {
            wanted =
                    gpus.equals("all")
                            ? there
                            : gpus.contains(",")
                                    ? Arrays.stream(gpus.split(","))
                                            .map(i -> "cuda:" + Integer.parseInt(i.strip()))
                                            .distinct()
                                            .toList()
                                    : IntStream.range(0, Integer.parseInt(gpus))
                                            .mapToObj(i -> "cuda:" + i)
                                            .toList();
        } catch (NumberFormatException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--gpus '" + gpus + "' must be 'all', a number, or indices such as 0,2",
                    e);
        }
        if (wanted.isEmpty() || !there.containsAll(wanted)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--gpus %s asks for %s, but this machine has %s; reelrank doctor lists what it finds"
                            .formatted(
                                    gpus,
                                    wanted.isEmpty() ? "GPUs" : wanted,
                                    there.isEmpty() ? "no GPU" : there));
        }
        return wanted;
    }
}
