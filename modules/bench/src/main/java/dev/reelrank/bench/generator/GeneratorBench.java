package dev.reelrank.bench.generator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.bench.Hardware;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.picture.PictureSize;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures a family of generators at its published size: seconds per step with its published
 * guidance, text encoder, VAE, a whole candidate, and memory in each offload mode.
 */
@Command(
        name = "generator",
        description = "Measures speed and memory of a family of generators.",
        mixinStandardHelpOptions = true)
public final class GeneratorBench implements Callable<Integer> {
    @Option(
            names = "--family",
            required = true,
            paramLabel = "NAME",
            description =
                    "cogvideox-5b, cogvideox-5b-i2v, cogvideox-1.5-5b, animatediff or wan-ti2v.")
    private String family = "";

    @Option(
            names = "--random-weights",
            required = true,
            description =
                    "Use the published architecture with random weights; the videos are meaningless.")
    @SuppressWarnings("UnusedVariable") // Required, so that nobody takes the videos for real.
    private boolean randomWeights;

    @Option(
            names = "--architecture",
            defaultValue = "published",
            description =
                    "published, or tiny to try the benchmark itself. Default: ${DEFAULT-VALUE}.")
    private String architecture = "published";

    @Option(names = "--device", defaultValue = "cuda:0", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cuda:0";

    @Option(names = "--size", paramLabel = "WxH", description = "Default: the model's own.")
    private @Nullable String size;

    @Option(names = "--frames", description = "Default: the model's own.")
    private @Nullable Integer frames;

    @Option(
            names = "--steps-timed",
            defaultValue = "3",
            description = "Steps after the first whose median is taken. Default: ${DEFAULT-VALUE}.")
    private int stepsTimed = 3;

    @Option(
            names = "--precision",
            defaultValue = "auto",
            description = "As candidate.precision. Default: ${DEFAULT-VALUE}.")
    private String precision = "auto";

    @Option(
            names = "--offload",
            split = ",",
            defaultValue = "none",
            description =
                    "Any of none, text, swap, stream; stream with the VAE in tiles. Default: ${DEFAULT-VALUE}.")
    private List<String> offloads = List.of("none");

    @Option(
            names = "--out",
            paramLabel = "FILE.mp4",
            description = "Write the timed candidate of the first offload mode to this file.")
    private @Nullable Path out;

    @Option(
            names = "--breakdown",
            description =
                    "Also show which kernels a step and decoding spend their time in, on a GPU with CUPTI.")
    private boolean breakdown;

    @Option(
            names = "--cudnn-benchmark",
            description =
                    "Let cuDNN try its algorithms for each new shape of convolution, and keep the fastest.")
    private boolean tried;

    @Mixin private final FigureFile json = new FigureFile();

    private final List<String[]> rows = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        var published = Published.parse(family);
        if (!List.of("published", "tiny").contains(architecture)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--architecture '" + architecture + "' is neither published nor tiny");
        }
        if (stepsTimed < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--steps-timed is " + stepsTimed + "; it must be at least 1");
        }
        var where = TorchDevice.of(Device.parse(device));
        if (breakdown && !where.isCuda()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--breakdown counts the kernels of a GPU, and --device is " + device);
        }
        TorchRuntime.tryConvolutions(tried);
        Path folder = Files.createTempDirectory("reelrank-bench-generator");
        try {
            var figures = new ObjectMapper().createObjectNode();
            figures.put("family", family);
            if (where.isCuda() || architecture.equals("tiny")) {
                agreement(figures, published.agreement(folder.resolve("tiny"), where));
            }
            measure(
                    figures,
                    published.open(folder.resolve("model"), architecture.equals("tiny")),
                    where);
        } finally {
            delete(folder);
        }
        return 0;
    }

    private static void agreement(ObjectNode figures, Agreement agreement) {
        System.err.printf(
                "a tiny model in bf16 differs from float32 on the CPU by %.2f grey levels here, and by %.2f on the CPU%n",
                agreement.gpu(), agreement.cpu());
        figures.putObject("agreement")
                .put("greyLevels", agreement.gpu())
                .put("greyLevelsOfTheCpu", agreement.cpu());
    }

    private void measure(ObjectNode figures, GeneratorModel model, TorchDevice where)
            throws IOException {
        var settings = settings(model);
        model.options().check(settings);
        var rounding = Precision.parse(precision, where.device());
        figures.put("architecture", architecture)
                .put("commit", Hardware.commit())
                .put("hardware", Hardware.of(device, Runtime.getRuntime().availableProcessors()))
                .put("date", Instant.now().toString())
                .put("precision", rounding.id())
                .put("cudnnBenchmark", tried)
                .put("size", settings.width() + "x" + settings.height())
                .put("frames", settings.frames())
                .put("guidance", settings.guidance())
                .put("evaluationsPerStep", settings.guidance() > 1 ? 2 : 1)
                .put("publishedSteps", model.defaults().steps());
        var parts = figures.putArray("parts");
        Path file = out;
        for (String mode : offloads) {
            var offload = Offload.parse(mode);
            var tiling = offload == Offload.STREAM ? Tiling.STANDARD : null;
            var speed = new GeneratorSpeed(model, where, settings, breakdown);
            figures.put("fromImage", speed.fromImage());
            var load = new LoadSettings(rounding, offload, List.of(), tiling);
            add(parts, mode, speed.measure(load, file), model.defaults().steps());
            file = null;
            for (var shown : speed.breakdowns()) {
                System.err.print(shown.text());
                shown.write(figures.withArray("/breakdown"));
            }
        }
        System.out.println(
                AsciiTable.getTable(
                        new String[] {"offload", "part", "s", "allocated GiB", "peak GiB"},
                        rows.toArray(String[][]::new)));
        json.write(figures);
    }

    private GenerationSettings settings(GeneratorModel model) {
        var own = model.defaults();
        var wh =
                size == null ? new PictureSize(own.width(), own.height()) : PictureSize.parse(size);
        return new GenerationSettings(
                wh.width(),
                wh.height(),
                Objects.requireNonNullElse(frames, own.frames()),
                own.fps(),
                stepsTimed + 1,
                own.guidance(),
                "",
                own.scheduler(),
                own.parameters());
    }

    private void add(ArrayNode parts, String mode, List<Measured> all, int publishedSteps) {
        double text = 0;
        double step = 0;
        double decode = 0;
        for (var part : all) {
            row(parts, mode, part);
            text = part.part().equals("text") ? part.seconds() : text;
            step = part.part().equals("step") ? part.seconds() : step;
            decode = part.part().equals("decode") ? part.seconds() : decode;
        }
        // Not measured: a whole candidate of the published steps takes minutes.
        double whole = text + publishedSteps * step + decode;
        parts.addObject()
                .put("offload", mode)
                .put("part", "candidate of the published steps, computed")
                .put("seconds", whole);
        rows.add(
                new String[] {
                    mode,
                    "candidate of %d steps, computed".formatted(publishedSteps),
                    "%.1f".formatted(whole),
                    "",
                    ""
                });
    }

    private void row(ArrayNode parts, String mode, Measured part) {
        String name =
                part.part().equals("candidate")
                        ? "candidate of %d steps".formatted(stepsTimed + 1)
                        : part.part();
        double peak = MemoryReport.gib(part.memory().peak());
        double now = MemoryReport.gib(part.memory().allocated());
        rows.add(
                new String[] {
                    mode,
                    name,
                    "%.3f".formatted(part.seconds()),
                    "%.2f".formatted(now),
                    "%.2f".formatted(peak)
                });
        System.err.println(String.join("  ", rows.get(rows.size() - 1)));
        parts.addObject()
                .put("offload", mode)
                .put("part", name)
                .put("seconds", part.seconds())
                .put("allocatedGib", now)
                .put("reservedGib", MemoryReport.gib(part.memory().reserved()))
                .put("peakGib", peak);
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
