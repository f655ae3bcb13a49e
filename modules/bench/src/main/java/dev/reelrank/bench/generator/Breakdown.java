package dev.reelrank.bench.generator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.reelrank.torch.GpuTrace;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of a part goes on a GPU.
 *
 * @param part step or decode
 * @param wall seconds from its begin to its end, while it was watched
 * @param kernels what ran, the longest first
 */
record Breakdown(String part, double wall, List<GpuTrace.Kernel> kernels) {
    private static final int SHOWN = 24;
    private static final int LONGEST_NAME = 160;

    Breakdown {
        kernels = List.copyOf(kernels);
    }

    /** Seconds in which kernels ran; the rest of the wall time the GPU waited for work. */
    double busy() {
        return kernels.stream().mapToDouble(GpuTrace.Kernel::seconds).sum();
    }

    Map<WorkKind, Double> kinds() {
        var kinds = new EnumMap<WorkKind, Double>(WorkKind.class);
        kernels.forEach(k -> kinds.merge(WorkKind.of(k.name()), k.seconds(), Double::sum));
        return kinds;
    }

    void write(ArrayNode to) {
        var node = to.addObject();
        node.put("part", part)
                .put("wallSeconds", wall)
                .put("busySeconds", busy())
                .put("kernels", kernels.stream().mapToLong(GpuTrace.Kernel::count).sum());
        var kinds = node.putObject("kinds");
        kinds().forEach((kind, seconds) -> kinds.put(kind.id(), seconds));
        var longest = node.putArray("longest");
        kernels.stream()
                .limit(SHOWN)
                .forEach(
                        kernel ->
                                longest.addObject()
                                        .put("kernel", shortened(kernel.name()))
                                        .put("kind", WorkKind.of(kernel.name()).id())
                                        .put("count", kernel.count())
                                        .put("seconds", kernel.seconds()));
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }

    /** One line for each kind, then the longest kernels. */
    String text() {
        var text = new StringBuilder();
        text.append("%s: %.3f s, the GPU busy for %.3f s%n".formatted(part, wall, busy()));
        kinds().entrySet().stream()
                .sorted(Map.Entry.<WorkKind, Double>comparingByValue().reversed())
                .forEach(
                        e ->
                                text.append(
                                        "  %-12s %8.2f ms%n"
                                                .formatted(e.getKey().id(), e.getValue() * 1e3)));
        kernels.stream()
                .limit(SHOWN)
                .forEach(
                        k ->
                                text.append(
                                        "  %8.2f ms %6d x  %s%n"
                                                .formatted(
                                                        k.seconds() * 1e3,
                                                        k.count(),
                                                        shortened(k.name()))));
        return text.toString();
    }
}
