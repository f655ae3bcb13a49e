package dev.reelrank.bench.align;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.wan.Architecture;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LoraConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures preference training: seconds per step and memory of one expert on one pair, the
 * optimizer's step included ({@code peers/peer_align.py} does the same in PyTorch), or with {@code
 * --result} what a training is good for, on the testbed.
 */
@Command(
        name = "align",
        description = "Speed and memory of preference training, or its results on the testbed.",
        mixinStandardHelpOptions = true)
public final class AlignBench implements Callable<Integer> {
    private static final String TINY = "-tiny";

    @Mixin private final ResultOptions results = new ResultOptions();

    @Option(
            names = "--result",
            paramLabel = "NAME",
            description =
                    "Instead of speed: train on the testbed and compare on held-out scenes;"
                            + " rankings, video-dpo or taste; flickering makes the worn base of"
                            + " video-dpo.")
    private @Nullable String result;

    @Option(
            names = "--random-weights",
            description = "The published architecture with random weights; losses mean nothing.")
    @SuppressWarnings("UnusedVariable") // Required, so that nobody takes the answers for real.
    private boolean randomWeights;

    @Option(
            names = "--architecture",
            defaultValue = "a14b",
            description =
                    "Wan2.2 a14b, testbed or tiny, or cogvideox-5b, cogvideox-5b-i2v or"
                            + " cogvideox-1.5-5b; with -tiny after it a few thousand parameters,"
                            + " to try the command. Default: ${DEFAULT-VALUE}.")
    private String architecture = "a14b";

    @Option(
            names = "--device",
            split = ",",
            defaultValue = "cuda:0",
            description =
                    "One, or several for a replica on each: then also the first one alone with as"
                            + " many pairs per step, and how far the adapters of both differ."
                            + " Default: ${DEFAULT-VALUE}.")
    private List<String> devices = List.of("cuda:0");

    @Option(
            names = "--size",
            paramLabel = "WxH",
            split = ",",
            defaultValue = "832x480",
            description = "One or several. Default: ${DEFAULT-VALUE}.")
    private List<String> sizes = List.of("832x480");

    @Option(names = "--frames", defaultValue = "81", description = "Default: ${DEFAULT-VALUE}.")
    private int frames = 81;

    @Option(
            names = "--precision",
            split = ",",
            defaultValue = "bf16",
            description =
                    "Of the frozen weights, any of fp32, bf16, bf16-weights, fp8-weights. Default:"
                            + " ${DEFAULT-VALUE}.")
    private List<String> precisions = List.of("bf16");

    @Option(
            names = "--attention",
            split = ",",
            defaultValue = "cudnn",
            description = "On a GPU, any of cudnn, flash, math. Default: ${DEFAULT-VALUE}.")
    private List<String> attention = List.of("cudnn");

    @Option(names = "--rank", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int rank = 64;

    @Option(
            names = "--targets",
            split = ",",
            defaultValue = "to_q,to_k,to_v,to_out.0",
            description = "Layers that get a LoRA. Default: ${DEFAULT-VALUE}.")
    private List<String> targets = List.of("to_q", "to_k", "to_v", "to_out.0");

    @Option(
            names = "--keep",
            description = "Keep everything that gradients need instead of computing it again.")
    private boolean keep;

    @Option(
            names = "--steps",
            defaultValue = "2",
            description = "After the first. Default: ${DEFAULT-VALUE}.")
    private int steps = 2;

    @Mixin private final FigureFile json = new FigureFile();

    private final ArrayNode figures = new ObjectMapper().createArrayNode();
    private final List<String[]> rows = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (result != null) {
            return results.run(result, json);
        }
        if (!randomWeights) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "nothing to measure: give --random-weights for speed, or --result NAME");
        }
        var all = devices.stream().map(d -> TorchDevice.of(Device.parse(d))).toList();
        var where = all.get(0);
        Subject weights = subject();
        for (String size : sizes) {
            int[] sides = sides(size);
            for (String precision : precisions) {
                for (String kernel : where.isCuda() ? attention : List.of("math")) {
                    if (where.isCuda()) {
                        AttentionBackend.prefer(
                                List.of(
                                        AttentionBackend.valueOf(kernel.toUpperCase(Locale.ROOT)),
                                        AttentionBackend.MATH));
                    }
                    var format = Precision.parse(precision, where.device());
                    if (all.size() > 1) {
                        measure(weights, all.subList(0, 1), size, sides, format, kernel);
                    }
                    measure(weights, all, size, sides, format, kernel);
                }
            }
        }
        if (all.size() > 1) {
            compareAdapters(all);
        }
        System.out.println(
                AsciiTable.getTable(
                        new String[] {
                            "devices",
                            "size",
                            "precision",
                            "attention",
                            "load s",
                            "first s",
                            "step s",
                            "pair s",
                            "weights GiB",
                            "peak GiB",
                            "loss"
                        },
                        rows.toArray(String[][]::new)));
        json.write(figures);
        return 0;
    }

    private Subject subject() throws IOException {
        if (architecture.startsWith(CogSubject.PREFIX)) {
            boolean tiny = architecture.endsWith(TINY);
            String name =
                    tiny
                            ? architecture.substring(0, architecture.length() - TINY.length())
                            : architecture;
            return CogSubject.of(name, Files.createTempDirectory(name), tiny);
        }
        return new WanSubject(Architecture.valueOf(architecture.toUpperCase(Locale.ROOT)));
    }

    private static int[] sides(String size) {
        if (!size.matches("\\d{2,4}x\\d{2,4}")) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--size is '" + size + "'; it must be like 832x480");
        }
        String[] sides = size.split("x", 2);
        return new int[] {Integer.parseInt(sides[0]), Integer.parseInt(sides[1])};
    }

    private void measure(
            Subject weights,
            List<TorchDevice> where,
            String size,
            int[] sides,
            Precision precision,
            String kernel) {
        int pairs = devices.size();
        var speed =
                new AlignSpeed(
                        where,
                        pairs,
                        weights,
                        new LoraConfig(rank, rank, 0, targets),
                        keep ? BlockPass.Memory.KEPT : BlockPass.Memory.RECOMPUTED);
        String used = String.join(",", devices.subList(0, where.size()));
        AlignSpeed.Measurement m;
        try {
            m = speed.measure(precision, sides[0], sides[1], frames, steps);
        } catch (RuntimeException e) {
            // One variant that this GPU cannot run does not end the others; the table says why.
            String reason = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
            rows.add(
                    new String[] {
                        used,
                        size,
                        precision.id(),
                        kernel,
                        "failed: " + reason,
                        "",
                        "",
                        "",
                        "",
                        "",
                        ""
                    });
            figures.addObject()
                    .put("devices", used)
                    .put("size", size)
                    .put("precision", precision.id())
                    .put("attention", kernel)
                    .put("failed", reason);
            return;
        }
        rows.add(
                new String[] {
                    used,
                    size,
                    precision.id(),
                    kernel,
                    "%.1f".formatted(m.load()),
                    "%.2f".formatted(m.first()),
                    "%.2f".formatted(m.step()),
                    "%.2f".formatted(m.step() / pairs),
                    "%.1f".formatted(MemoryReport.gib(m.baseBytes())),
                    "%.1f".formatted(MemoryReport.gib(m.memory().peak())),
                    "%.4f".formatted(m.loss().get(0))
                });
        System.err.println(String.join("  ", rows.get(rows.size() - 1)));
        var figure =
                figures.addObject()
                        .put("devices", used)
                        .put("pairsPerStep", pairs)
                        .put("size", size)
                        .put("frames", frames)
                        .put("precision", precision.id())
                        .put("attention", kernel)
                        .put("recomputed", !keep)
                        .put("rank", rank)
                        .put("trained", m.trained())
                        .put("loadSeconds", m.load())
                        .put("firstSeconds", m.first())
                        .put("stepSeconds", m.step())
                        .put("pairSeconds", m.step() / pairs)
                        .put("weightsGib", MemoryReport.gib(m.baseBytes()))
                        .put("reservedGib", MemoryReport.gib(m.memory().reserved()))
                        .put("peakGib", MemoryReport.gib(m.memory().peak()));
        var losses = figure.putArray("loss");
        m.loss().forEach(losses::add);
    }

    private void compareAdapters(List<TorchDevice> all) throws IOException {
        Path scratch = Files.createTempDirectory("reelrank-align");
        try {
            double difference = new ReplicaAgreement(scratch, targets).difference(all);
            System.out.printf(
                    "adapters of %s and of %s alone differ by %.2e of the largest weight%n",
                    String.join(",", devices), devices.get(0), difference);
            figures.addObject()
                    .put("devices", String.join(",", devices))
                    .put("architecture", "tiny")
                    .put("adapterDifference", difference);
        } finally {
            Files.delete(scratch);
        }
    }
}
