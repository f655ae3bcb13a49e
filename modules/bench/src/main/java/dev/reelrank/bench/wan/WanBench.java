package dev.reelrank.bench.wan;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.github.freva.asciitable.AsciiTable;
import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.bench.wan.WanProbe.Measurement;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.BackgroundWriter;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.wan.WanPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures Wan2.2: seconds per step in each precision and with each attention kernel, VAE and text
 * encoder, memory; with {@code --out} a whole candidate too.
 */
@Command(
        name = "wan",
        description = "Measures speed and memory of the generator's model.",
        mixinStandardHelpOptions = true)
public final class WanBench implements Callable<Integer> {
    private static final long SHARD_BYTES = 2_500_000_000L;

    @Option(
            names = "--random-weights",
            required = true,
            description =
                    "Use the published architecture with random weights; the videos are meaningless.")
    @SuppressWarnings("UnusedVariable") // Required, so that nobody takes the answers for real.
    private boolean randomWeights;

    @Option(
            names = "--architecture",
            defaultValue = "a14b",
            description =
                    "a14b, turbo (use --steps 4), testbed or tiny. Default: ${DEFAULT-VALUE}.")
    private String architecture = "a14b";

    @Option(names = "--device", defaultValue = "cuda:0", description = "Default: ${DEFAULT-VALUE}.")
    private String device = "cuda:0";

    @Option(
            names = "--size",
            paramLabel = "WxH",
            defaultValue = "1280x720",
            description = "Default: ${DEFAULT-VALUE}.")
    private String size = "1280x720";

    @Option(names = "--frames", defaultValue = "81", description = "Default: ${DEFAULT-VALUE}.")
    private int frames = 81;

    @Option(
            names = "--steps",
            defaultValue = "8",
            description = "Denoising steps of the candidate of --out.")
    private int steps = 8;

    @Option(
            names = "--precision",
            split = ",",
            defaultValue = "bf16,fp8,fp8-attention,fp8-weights",
            description =
                    "Precisions; the first is also used for --out. Default: ${DEFAULT-VALUE}.")
    private List<String> precisions = List.of("bf16", "fp8", "fp8-attention", "fp8-weights");

    @Option(
            names = "--attention",
            split = ",",
            defaultValue = "cudnn,flash",
            description = "Any of cudnn, flash, memory_efficient, math. Default: ${DEFAULT-VALUE}.")
    private List<AttentionBackend> attention =
            List.of(AttentionBackend.CUDNN, AttentionBackend.FLASH);

    @Option(names = "--unfused", description = "Also measure steps without fused kernels.")
    private boolean unfused;

    @Option(
            names = "--parts",
            split = ",",
            defaultValue = "step,error,decode,preview,encode,text",
            description =
                    "Any of step, error, decode, preview, encode, text, or none. Default: ${DEFAULT-VALUE}.")
    private List<Part> parts =
            List.of(Part.STEP, Part.ERROR, Part.DECODE, Part.PREVIEW, Part.ENCODE, Part.TEXT);

    @Option(
            names = "--load-dir",
            paramLabel = "DIR",
            description = "Write a sharded expert here (28.6 GB for a14b) and measure loading it.")
    private @Nullable Path loadFolder;

    @Option(names = "--runs", defaultValue = "2", description = "Number of runs after the first.")
    private int runs = 2;

    @Option(
            names = "--out",
            paramLabel = "FILE.mp4",
            description = "Generate a whole candidate and write it to this file.")
    private @Nullable Path out;

    @Option(
            names = "--offload",
            split = ",",
            defaultValue = "none",
            description =
                    "Offload modes of the candidates of --out, one candidate per mode: none, text, swap, stream."
                            + " Default: ${DEFAULT-VALUE}.")
    private List<String> offloads = List.of("none");

    @Option(
            names = "--memory-cap",
            paramLabel = "GIB",
            description =
                    "Give tensors no more of the GPU's memory than this, as on a smaller GPU.")
    private @Nullable Double memoryCap;

    @Option(
            names = "--sparse-kernel",
            paramLabel = "0|1|2",
            defaultValue = "1",
            description =
                    "Sparse attention of the candidate of --out: 0 by libtorch's operations, 1 by our kernels,"
                            + " 2 also by those that have not run. Default: ${DEFAULT-VALUE}.")
    private double sparseKernel = 1;

    @Mixin private final FigureFile json = new FigureFile();

    private final ArrayNode figures = new ObjectMapper().createArrayNode();
    private final List<String[]> rows = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        var where = TorchDevice.of(Device.parse(device));
        int[] wh = size();
        if (memoryCap != null) {
            where = capped(where, memoryCap);
        }
        var weights = Architecture.valueOf(architecture.toUpperCase(Locale.ROOT));
        var probe = new WanProbe(where, weights, wh[0], wh[1], frames);
        for (String precision : precisions) {
            measure(probe, Precision.parse(precision, where.device()), where);
        }
        if (loadFolder != null) {
            load(probe, where, loadFolder);
        }
        if (out != null) {
            for (String mode : offloads) {
                var offload = Offload.parse(mode);
                candidate(where, weights, wh[0], wh[1], offload, named(out, mode));
            }
        }
        System.out.println(
                AsciiTable.getTable(
                        new String[] {"part", "how", "first s", "s", "weights GiB", "peak GiB"},
                        rows.toArray(String[][]::new)));
        json.write(figures);
        return 0;
    }

    private static TorchDevice capped(TorchDevice where, double gib) {
        if (!(gib > 0)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "--memory-cap is " + gib + "; it must be above 0");
        }
        return where.capped((long) (gib * (1L << 30)));
    }

    private Path named(Path file, String mode) {
        return offloads.size() == 1
                ? file
                : file.resolveSibling(
                        file.getFileName().toString().replace(".mp4", "-" + mode + ".mp4"));
    }

    private int[] size() {
        String[] sides = size.split("x", 2);
        if (sides.length != 2 || !size.matches("\\d{2,4}x\\d{2,4}")) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--size is '" + size + "'; it must be like 1280x720");
        }
        return new int[] {Integer.parseInt(sides[0]), Integer.parseInt(sides[1])};
    }

    private void measure(WanProbe probe, Precision precision, TorchDevice where) {
        if (parts.contains(Part.STEP)) {
            for (var backend : where.isCuda() ? attention : List.of(AttentionBackend.MATH)) {
                String how = precision.id() + ", " + backend.name().toLowerCase(Locale.ROOT);
                row("step", how, () -> probe.step(precision, List.of(backend), true, runs));
                if (unfused && where.isCuda()) {
                    row(
                            "step",
                            how + ", unfused",
                            () -> probe.step(precision, List.of(backend), false, runs));
                }
            }
        }
        if (parts.contains(Part.ERROR) && precision != Precision.FP32) {
            error(probe, precision);
        }
        // Only the hidden states' type matters to these.
        if (precision != Precision.FP32 && precision != Precision.BF16) {
            return;
        }
        if (parts.contains(Part.DECODE)) {
            row("decode", precision.id(), () -> probe.decode(precision, null, runs));
            row(
                    "decode",
                    precision.id() + ", tiled",
                    () -> probe.decode(precision, Tiling.STANDARD, runs));
        }
        if (parts.contains(Part.PREVIEW)) {
            row("preview of a draft", precision.id(), () -> probe.preview(precision, runs));
        }
        if (parts.contains(Part.ENCODE)) {
            row("encode", precision.id(), () -> probe.encode(precision, null, runs));
        }
        if (parts.contains(Part.TEXT)) {
            row("text", precision.id() + ", 80 tokens", () -> probe.text(precision, 80, runs));
            row("text", precision.id() + ", 512 tokens", () -> probe.text(precision, 512, runs));
        }
    }

    private void error(WanProbe probe, Precision precision) {
        double error = probe.error(precision);
        rows.add(
                new String[] {
                    "error", precision.id() + " against fp32", "", "%.4f".formatted(error), "", ""
                });
        figures.addObject()
                .put("part", "error")
                .put("how", precision.id() + " against fp32")
                .put("relativeError", error);
    }

    private void row(String part, String how, Supplier<Measurement> measurement) {
        Measurement m;
        try {
            m = measurement.get();
        } catch (RuntimeException e) {
            // One variant that this GPU cannot run does not end the others; the table says why.
            String reason = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
            rows.add(new String[] {part, how, "failed: " + reason, "", "", ""});
            figures.addObject().put("part", part).put("how", how).put("failed", reason);
            return;
        }
        add(part, how, m.firstSeconds(), m.seconds(), m.weightsBytes(), m.memory());
    }

    private void add(
            String part, String how, double first, double seconds, long weights, MemoryReport m) {
        double peak = MemoryReport.gib(m.peak());
        rows.add(
                new String[] {
                    part,
                    how,
                    "%.3f".formatted(first),
                    "%.3f".formatted(seconds),
                    "%.1f".formatted(MemoryReport.gib(weights)),
                    "%.1f".formatted(peak)
                });
        System.err.println(String.join("  ", rows.get(rows.size() - 1)));
        figures.addObject()
                .put("part", part)
                .put("how", how)
                .put("firstSeconds", first)
                .put("seconds", seconds)
                .put("weightsGib", MemoryReport.gib(weights))
                .put("reservedGib", MemoryReport.gib(m.reserved()))
                .put("peakGib", peak);
    }

    private void load(WanProbe probe, TorchDevice where, Path folder) throws IOException {
        Files.createDirectories(folder);
        probe.writeExpert(folder, SHARD_BYTES);
        for (String name : precisions) {
            var precision = Precision.parse(name, where.device());
            row("load", precision.id(), () -> probe.load(folder, precision));
        }
    }

    private void candidate(
            TorchDevice where,
            Architecture weights,
            int width,
            int height,
            Offload offload,
            Path file) {
        var precision = Precision.parse(precisions.get(0), where.device());
        var snapshot = weights.snapshot();
        // With the tiles of the autoencoder that a GPU of this memory would get.
        var load = snapshot.loadSettings(precision, offload.id(), List.of(), where);
        var parameters = new TreeMap<>(snapshot.defaults().parameters());
        if (sparseKernel != 1) {
            // Checked with the other parameters when the generation begins.
            parameters.put("sparseKernel", sparseKernel);
        }
        var settings =
                new GenerationSettings(
                        width,
                        height,
                        frames,
                        16,
                        steps,
                        1,
                        "",
                        snapshot.defaults().scheduler(),
                        parameters);
        String how =
                "%s, %d steps, offload %s%s"
                        .formatted(
                                precision.id(),
                                steps,
                                offload.id(),
                                memoryCap == null ? "" : ", cap %s GiB".formatted(memoryCap));
        MemoryReport.resetPeak(where);
        long begin = System.nanoTime();
        try (var pipeline = WanPipeline.load(snapshot, load, where)) {
            part("load", how, seconds(begin), MemoryReport.of(where));
            MemoryReport.resetPeak(where);
            begin = System.nanoTime();
            RgbImage picture = picture(width, height);
            try (var conditioning =
                            pipeline.condition(settings, "a small robot waters a plant", picture);
                    var writer =
                            BackgroundWriter.start(file, width, height, VideoSettings.h264(16))) {
                where.synchronize();
                part("condition", how, seconds(begin), MemoryReport.of(where));
                var video =
                        pipeline.generate(
                                        conditioning,
                                        1,
                                        null,
                                        (step, of) -> System.err.println("step " + step + "/" + of),
                                        writer)
                                .orElseThrow();
                writer.finish();
                double all = seconds(begin);
                for (String name : List.of("denoise", "decode")) {
                    part(
                            name,
                            how,
                            Objects.requireNonNull(video.timings().get(name)) / 1e3,
                            Objects.requireNonNull(video.memory().get(name)));
                }
                add("candidate", how + ", to mp4", all, all, 0, MemoryReport.of(where));
            }
        }
    }

    private void part(String name, String how, double seconds, MemoryReport memory) {
        add("candidate: " + name, how, seconds, seconds, memory.allocated(), memory);
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** A gradient. */
    private static RgbImage picture(int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i++) {
            int pixel = i / 3;
            rgb[i] =
                    (byte)
                            (i % 3 == 0
                                    ? pixel % width * 255 / width
                                    : pixel / width * 255 / height);
        }
        return new RgbImage(width, height, rgb);
    }
}
