package dev.reelrank.worker.lease;

import com.sun.management.OperatingSystemMXBean;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.worker.Gpus;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The reservations of a worker: memory of its device and of its host while a model is loaded, and,
 * on the CPU, the cores it computes with for each batch. By default a batch takes all cores, so
 * that one stage computes at a time while the others stay loaded.
 *
 * @param memory of the device, GiB; by the GPU's UUID, or by host for the CPU
 * @param host memory of the host, GiB; on the CPU the same as {@code memory}
 * @param cores of the host
 * @param coresPerBatch 0 on a GPU: its batches reserve none
 */
public record DeviceLease(Capacity memory, Capacity host, Capacity cores, int coresPerBatch) {
    private static final double GIB = 1L << 30;

    /**
     * Opens the accounts of a device, of the host's memory and of its cores.
     *
     * @param folder that all workers of the host (and of its containers) share, and no other host
     * @param coresPerBatch at least 1; null for all cores of the host
     */
    public static DeviceLease open(Path folder, Device device, @Nullable Integer coresPerBatch) {
        // Not by host name: the containers of a host have names of their own.
        var shared = folder.resolve("cpu");
        var allCores = Runtime.getRuntime().availableProcessors();
        var cores = Capacity.open(shared.resolve("cores"), allCores);
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        var host = Capacity.open(shared.resolve("memory"), system.getTotalMemorySize() / GIB);
        if (device.isCuda()) {
            var gpu = Gpus.describe(device);
            return new DeviceLease(
                    Capacity.open(folder.resolve(gpu.uuid()).resolve("memory"), gpu.memoryGib()),
                    host,
                    cores,
                    coresPerBatch == null ? 0 : Math.min(coresPerBatch, allCores));
        }
        return new DeviceLease(
                host,
                host,
                cores,
                coresPerBatch == null ? allCores : Math.min(coresPerBatch, allCores));
    }

    /**
     * What a stage has to reserve of {@link #memory}, GiB: on the CPU everything it needs, since
     * that is where the device's memory is.
     */
    public double deviceGib(Needs needs) {
        return onCpu() ? needs.deviceGib() + needs.hostGib() : needs.deviceGib();
    }

    /** What a stage has to reserve of {@link #host} beside it, GiB; 0 on the CPU. */
    public double hostGib(Needs needs) {
        return onCpu() ? 0 : needs.hostGib();
    }

    private boolean onCpu() {
        return memory == host;
    }
}
