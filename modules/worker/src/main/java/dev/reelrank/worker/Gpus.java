package dev.reelrank.worker;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Information about the GPUs from the driver's own tool, read once at the start. This does not
 * initialise CUDA, so it takes no memory.
 */
public final class Gpus {
    /**
     * A GPU of this machine.
     *
     * @param index as CUDA counts
     * @param uuid stable over restarts and containers
     * @param memoryGib in all, GiB
     */
    public record Gpu(int index, String uuid, String name, double memoryGib) {}

    private Gpus() {}

    /** Every GPU that this process may use, by CUDA's index; empty without a driver. */
    public static List<Gpu> all() {
        var visible = System.getenv("CUDA_VISIBLE_DEVICES");
        var listed = query();
        if (visible == null) {
            return listed;
        }
        var chosen = new ArrayList<Gpu>();
        for (var entry : visible.split(",", -1)) {
            var name = entry.strip();
            var gpu =
                    listed.stream()
                            .filter(
                                    g ->
                                            Integer.toString(g.index()).equals(name)
                                                    || (name.startsWith("GPU-")
                                                            && g.uuid().startsWith(name)))
                            .findFirst();
            if (gpu.isEmpty()) {
                // CUDA itself ignores everything from the first unknown entry on.
                break;
            }
            var g = gpu.get();
            chosen.add(new Gpu(chosen.size(), g.uuid(), g.name(), g.memoryGib()));
        }
        return chosen;
    }

    /**
     * The GPU behind a device.
     *
     * @throws StageException INVALID_CONFIG if there is no such GPU
     */
    public static Gpu describe(Device device) {
        var all = all();
        return all.stream()
                .filter(g -> g.index() == device.index())
                .findFirst()
                .orElseThrow(
                        () ->
                                new StageException(
                                        FailureCode.INVALID_CONFIG,
                                        "no GPU "
                                                + device
                                                + " on this machine; nvidia-smi names "
                                                + (all.isEmpty()
                                                        ? "none: use --device cpu"
                                                        : all.size()
                                                                + ": cuda:0 to cuda:"
                                                                + (all.size() - 1))));
    }

    /**
     * Memory of a GPU in use by all processes, bytes; 0 on the CPU and where it is unknown. For
     * runtimes that keep count of their device memory to themselves; takes some 50 ms.
     */
    public static long usedBytes(Device device) {
        if (!device.isCuda()) {
            return 0;
        }
        var uuid = describe(device).uuid();
        return ask("uuid,memory.used").stream()
                .map(line -> line.split(","))
                .filter(fields -> fields[0].strip().equals(uuid))
                .mapToLong(fields -> Long.parseLong(fields[1].strip()) << 20)
                .findFirst()
                .orElse(0);
    }

    private static List<Gpu> query() {
        return ask("index,uuid,name,memory.total").stream().map(Gpus::parse).toList();
    }

    private static List<String> ask(String fields) {
        try {
            var process =
                    new ProcessBuilder(
                                    "nvidia-smi",
                                    "--query-gpu=" + fields,
                                    "--format=csv,noheader,nounits")
                            .redirectErrorStream(true)
                            .start();
            var output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                return List.of();
            }
            return output.lines().toList();
        } catch (IOException e) {
            // No driver, no tool.
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** One line: {@code 0, GPU-…, NVIDIA H200, 143771} (MiB). */
    static Gpu parse(String line) {
        var fields = Arrays.stream(line.split(",")).map(String::strip).toList();
        return new Gpu(
                Integer.parseInt(fields.get(0)),
                fields.get(1),
                fields.get(2),
                Double.parseDouble(fields.get(3)) / 1024);
    }
}
