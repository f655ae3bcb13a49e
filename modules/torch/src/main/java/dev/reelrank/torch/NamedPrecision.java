package dev.reelrank.torch;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** A way of computing that users name: on the command line, in configurations and in results. */
public interface NamedPrecision {
    /** The name, for example {@code bf16}. */
    String id();

    /**
     * Reads an {@link #id}, or {@code auto}.
     *
     * @param cpu what {@code auto} is on the CPU
     * @param cuda what it is on a GPU
     * @param all the names that there are, in the order in which the message lists them
     * @throws StageException INVALID_CONFIG for another word
     */
    static <P extends NamedPrecision> P parse(String text, Device device, P cpu, P cuda, P[] all) {
        if (text.equals("auto")) {
            return device.isCuda() ? cuda : cpu;
        }
        return Arrays.stream(all)
                .filter(precision -> precision.id().equals(text))
                .findFirst()
                .orElseThrow(() -> unknown(text, all));
    }

    private static StageException unknown(String text, NamedPrecision[] all) {
        int last = all.length - 1;
        String names =
                Arrays.stream(all, 0, last)
                        .map(NamedPrecision::id)
                        .collect(Collectors.joining(", ", "auto, ", " or " + all[last].id()));
        return new StageException(
                FailureCode.INVALID_CONFIG, "unknown precision: '" + text + "'; use " + names);
    }
}
