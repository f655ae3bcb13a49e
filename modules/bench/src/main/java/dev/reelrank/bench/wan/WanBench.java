package dev.reelrank.bench.wan;

import dev.reelrank.bench.figure.FigureFile;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.AttentionBackend;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
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

    @Option(
            names = "--unfused",
            description = "Also measure steps and errors without fused kernels.")
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
            names = "--seeds",
            defaultValue = "1",
            description =
                    "Candidates of --out that share the conditions: the first has a process's first steps."
                            + " Default: ${DEFAULT-VALUE}.")
    private int seeds = 1;

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
                    "Sparse attention of the candidate of --out: 0 by libtorch's operations, 1 by our kernels"
                            + " in bfloat16, 2 in float8 where the GPU has them. Default: ${DEFAULT-VALUE}.")
    private double sparseKernel = 1;

    @Mixin private final FigureFile json = new FigureFile();

    private final WanRows rows = new WanRows(json);

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
                candidates(where, weights, wh[0], wh[1], Offload.parse(mode), named(out, mode));
            }
        }
        rows.print();
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
                rows.row("step", how, () -> probe.step(precision, List.of(backend), true, runs));
                if (unfused && where.isCuda()) {
                    rows.row(
                            "step",
                            how + ", unfused",
                            () -> probe.step(precision, List.of(backend), false, runs));
                }
            }
        }
        if (parts.contains(Part.ERROR) && precision != Precision.FP32) {
            rows.error(precision.id() + " against fp32", () -> probe.error(precision));
            if (unfused && where.isCuda()) {
                rows.error(
                        precision.id() + " against fp32, unfused",
                        () -> probe.unfusedError(precision));
            }
        }
        // Only the hidden states' type matters to these.
        if (precision != Precision.FP32 && precision != Precision.BF16) {
            return;
        }
        if (parts.contains(Part.DECODE)) {
            rows.row("decode", precision.id(), () -> probe.decode(precision, null, runs));
            rows.row(
                    "decode",
                    precision.id() + ", tiled",
                    () -> probe.decode(precision, Tiling.STANDARD, runs));
        }
        if (parts.contains(Part.PREVIEW)) {
            rows.row("preview of a draft", precision.id(), () -> probe.preview(precision, runs));
        }
        if (parts.contains(Part.ENCODE)) {
            rows.row("encode", precision.id(), () -> probe.encode(precision, null, runs));
        }
        if (parts.contains(Part.TEXT)) {
            rows.row("text", precision.id() + ", 80 tokens", () -> probe.text(precision, 80, runs));
            rows.row(
                    "text",
                    precision.id() + ", 512 tokens",
                    () -> probe.text(precision, 512, runs));
        }
    }

    private void load(WanProbe probe, TorchDevice where, Path folder) throws IOException {
        Files.createDirectories(folder);
        probe.writeExpert(folder, SHARD_BYTES);
        for (String name : precisions) {
            var precision = Precision.parse(name, where.device());
            rows.row("load", precision.id(), () -> probe.load(folder, precision));
        }
    }

    private void candidates(
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
                "%s, %d steps, offload %s%s%s"
                        .formatted(
                                precision.id(),
                                steps,
                                offload.id(),
                                memoryCap == null ? "" : ", cap %s GiB".formatted(memoryCap),
                                sparseKernel == 1
                                        ? ""
                                        : ", sparse kernel %.0f".formatted(sparseKernel));
        new WanCandidate(snapshot, load, settings, where, Math.max(1, seeds), how, rows).make(file);
    }
}
