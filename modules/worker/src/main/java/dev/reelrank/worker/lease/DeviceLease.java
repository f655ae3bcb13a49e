package dev.reelrank.worker.lease;

import com.sun.management.OperatingSystemMXBean;
import dev.reelrank.pipeline.Device;
import dev.reelrank.worker.Gpus;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The two things a worker reserves: memory of its device for as long as a model is loaded, and, on
 * the CPU, the cores it computes with for each batch. By default a batch takes all cores, so that
 * one stage computes at a time while the others stay loaded.
 *
 * @param memory of the device, GiB; by the GPU's UUID, or by host for the CPU
 * @param cores of the host
 * @param coresPerBatch 0 on a GPU: its batches reserve none
 */
public record DeviceLease(Capacity memory, Capacity cores, int coresPerBatch) {
    private static final double GIB = 1L << 30;

    /**
     * @param folder that all workers of the host (and of its containers) share, and no other host
     * @param coresPerBatch at least 1; null for all cores of the host
     */
    public static DeviceLease open(Path folder, Device device, @Nullable Integer coresPerBatch) {
        // Not by host name: the containers of a host have names of their own.
        var host = folder.resolve("cpu");
        var allCores = Runtime.getRuntime().availableProcessors();
        var cores = Capacity.open(host.resolve("cores"), allCores);
        if (device.isCuda()) {
            var gpu = Gpus.describe(device);
            return new DeviceLease(
                    Capacity.open(folder.resolve(gpu.uuid()).resolve("memory"), gpu.memoryGib()),
                    cores,
                    coresPerBatch == null ? 0 : Math.min(coresPerBatch, allCores));
        }
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new DeviceLease(
                Capacity.open(host.resolve("memory"), system.getTotalMemorySize() / GIB),
                cores,
                coresPerBatch == null ? allCores : Math.min(coresPerBatch, allCores));
    }
}
