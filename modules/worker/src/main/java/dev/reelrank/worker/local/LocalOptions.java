package dev.reelrank.worker.local;

import dev.reelrank.pipeline.Device;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.WeightsOptions;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options for weights and device: a mixin, so that these commands have the same options. */
public final class LocalOptions {
    @Mixin private final WeightsOptions weights = new WeightsOptions();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "cpu, cuda:N, or auto: the first GPU if there is one (default: auto).")
    private String device = "auto";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads (default: all cores).")
    private @Nullable Integer threads;

    /** Where the weights are. */
    public ModelFolders models() {
        return weights.folders();
    }

    /**
     * What computes.
     *
     * @param gpu whether the runtime of the command can use a GPU here; asked only for {@code auto}
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG if it is no device's name
     */
    public Device device(BooleanSupplier gpu) {
        if (!device.equals("auto")) {
            return Device.parse(device);
        }
        return gpu.getAsBoolean() ? new Device(0) : Device.CPU;
    }

    /** The number of threads that was asked for. */
    public OptionalInt threads() {
        return threads == null ? OptionalInt.empty() : OptionalInt.of(threads);
    }

    /** The number of threads that was asked for, else of the machine's cores. */
    public int cores() {
        return threads().orElseGet(() -> Runtime.getRuntime().availableProcessors());
    }
}
