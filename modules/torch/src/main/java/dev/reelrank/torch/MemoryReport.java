package dev.reelrank.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * A device's memory at a moment.
 *
 * @param allocated bytes in tensors; on the CPU the process's resident bytes
 * @param reserved bytes libtorch holds of the GPU; on the CPU as allocated
 * @param peak most bytes allocated since {@link #resetPeak}; on the CPU since the process began
 */
public record MemoryReport(long allocated, long reserved, long peak) {
    private static final int AGGREGATE = 0;

    /** How it stands now. */
    public static MemoryReport of(TorchDevice device) {
        if (!device.isCuda()) {
            long resident = status("VmRSS:");
            return new MemoryReport(resident, resident, status("VmHWM:"));
        }
        touch(device);
        try (var scope = TensorScope.open()) {
            var stats = torch_cuda.getAllocator().getDeviceStats((byte) device.device().index());
            // Stat arrays have one entry a pool kind, the first sums them up.
            var allocated = stats.allocated_bytes().position(AGGREGATE);
            long now = allocated.current();
            long peak = allocated.peak();
            return new MemoryReport(
                    now, stats.reserved_bytes().position(AGGREGATE).current(), peak);
        }
    }

    /** Lets the next peak count from now. On the CPU nothing happens. */
    public static void resetPeak(TorchDevice device) {
        if (device.isCuda()) {
            touch(device);
            torch_cuda.getAllocator().resetPeakStats((byte) device.device().index());
        }
    }

    /**
     * The allocator knows a device only once something was allocated on it; before that it refuses
     * to speak of it.
     */
    static void touch(TorchDevice device) {
        try (var scope = TensorScope.open()) {
            torch.zeros(new long[] {1}, device.options(DType.UINT8));
        }
    }

    private static long status(String key) {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return Runtime.getRuntime().totalMemory();
        }
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + status, e);
        }
    }

    /** For people: GiB with one decimal. */
    @Override
    public String toString() {
        return "%.1f GiB allocated, %.1f reserved, %.1f at the peak"
                .formatted(gib(allocated), gib(reserved), gib(peak));
    }

    /** Bytes in GiB. */
    public static double gib(long bytes) {
        return bytes / (double) (1L << 30);
    }
}
