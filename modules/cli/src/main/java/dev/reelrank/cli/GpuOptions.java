package dev.reelrank.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which GPUs the processes that a command starts on this machine use. */
final class GpuOptions {
    @Option(
            names = "--gpus",
            paramLabel = "N|all|0,2",
            description =
                    "GPUs to use for what is started on this machine; 0 for the CPU. Default: all.")
    @Nullable String gpus;

    /**
     * Devices as {@link Devices#of} names them.
     *
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for what this machine has not
     */
    List<String> devices() {
        return Devices.of(gpus);
    }
}
