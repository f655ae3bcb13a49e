package dev.reelrank.generator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchFailures;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.BackgroundWriter;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoInfo;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.wan.Conditioning;
import dev.reelrank.wan.GenerationSettings;
import dev.reelrank.wan.LoadSettings;
import dev.reelrank.wan.WanPipeline;
import dev.reelrank.worker.local.LocalOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reelrank generate}: videos from a prompt and an image, without a farm. */
@Command(
        name = "generate",
        description = "Generates videos from a prompt and an image with Wan2.2.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "First frame; without it, text-to-video.")
    private @Nullable Path image;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "What happens in the video.")
    private @Nullable String prompt;

    @Option(
            names = "--prompt-embeds",
            paramLabel = "FILE",
            description = "An encoded prompt (safetensors) instead of --prompt.")
    private @Nullable Path promptEmbeds;

    @Option(
            names = "--seed",
            paramLabel = "N",
            split = ",",
            required = true,
            description = "Seeds, one video each; they share texts, image and weights.")
    private List<Long> seeds = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE.mp4",
            required = true,
            description = "The video; with several seeds, FILE-SEED.mp4.")
    private Path out = Path.of("");

    @Option(names = "--steps", paramLabel = "N", description = "Denoising steps (auto).")
    private @Nullable Integer steps;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            defaultValue = "auto",
            description = "Pixels, multiples of 16 (auto: the image's aspect).")
    private String size = "auto";

    @Option(
            names = "--size-rule",
            defaultValue = "area",
            description = "With --size auto: area or short-side (${DEFAULT-VALUE}).")
    private String sizeRule = "area";

    @Option(names = "--frames", paramLabel = "N", description = "4k+1 (auto).")
    private @Nullable Integer frames;

    @Option(names = "--fps", paramLabel = "N", description = "Frames a second (auto).")
    private @Nullable Double fps;

    @Option(
            names = "--guidance",
            paramLabel = "G",
            description = "Above 1 the negative prompt acts, at twice the cost (auto).")
    private @Nullable Double guidance;

    @Option(names = "--negative", paramLabel = "TEXT", description = "What to avoid.")
    private String negative = "";

    @Option(
            names = "--lora",
            paramLabel = "DIR[:STRENGTH]",
            description =
                    "LoRAs merged in this order; 'lightning' is the folder of that name under"
                            + " --models, 'none' leaves out the model's own (auto).")
    private @Nullable List<String> loras;

    @Option(names = "--scheduler", description = "euler or unipc (auto).")
    private @Nullable String scheduler;

    @Option(names = "--shift", description = "Shift of the noise levels (auto).")
    private @Nullable Double shift;

    @Option(
            names = "--precision",
            defaultValue = "auto",
            description =
                    "fp32, bf16, fp8, fp8-attention or fp8-weights (auto: fp32 on the CPU, else bf16).")
    private String precision = "auto";

    @Option(
            names = "--offload",
            defaultValue = "auto",
            description = "none, text, swap or stream (auto: by the GPU's memory).")
    private String offload = "auto";

    @Option(
            names = "--latents-out",
            paramLabel = "FILE",
            description = "Also write the latents (safetensors).")
    private @Nullable Path latentsOut;

    @Option(
            names = "--latents-step",
            paramLabel = "N",
            description = "After which step those of --latents-out are taken (the last).")
    private @Nullable Integer latentsStep;

    @Option(names = "--codec", defaultValue = "h264", description = "h264 or h265.")
    private String codec = "h264";

    @Option(names = "--crf", defaultValue = "18", description = "0..51 (${DEFAULT-VALUE}).")
    private int crf = 18;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        requireOnePrompt();
        var where = local.device(TorchRuntime::cudaAvailable);
        local.threads().ifPresent(TorchRuntime::threads);
        var torch = TorchDevice.of(where);
        var config = config();
        var known = new GeneratorModels(local.models(), where);
        var key = known.key(config);
        var snapshot = GeneratorModels.snapshot(key);
        RgbImage first = image == null ? null : Images.read(image);
        GenerationSettings settings = CandidateSettings.of(config, snapshot, first);
        double rate = CandidateSettings.fps(config, snapshot);
        LoadSettings loading = GeneratorModels.settings(key, torch);
        var report = new ObjectMapper().createObjectNode();
        describe(report, settings, loading, where);
        TorchFailures.named(
                "generate " + settings.frames() + " frames",
                torch,
                () -> {
                    long begin = System.nanoTime();
                    try (var pipeline = WanPipeline.load(snapshot, loading, torch)) {
                        report.put("loadMillis", millisSince(begin));
                        begin = System.nanoTime();
                        try (var conditioning = condition(pipeline, settings, first)) {
                            report.put("conditionMillis", millisSince(begin));
                            for (long seed : seeds) {
                                generate(pipeline, conditioning, seed, rate, report);
                            }
                        }
                        report.put("peakGib", MemoryReport.gib(MemoryReport.of(torch).peak()));
                    }
                    return null;
                });
        if (json) {
            output().println(report.toPrettyString());
        }
        output().flush();
        return 0;
    }

    private void requireOnePrompt() {
        if ((prompt == null) == (promptEmbeds == null)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "give either --prompt or --prompt-embeds");
        }
    }

    private CandidateConfig config() {
        Integer width = null;
        Integer height = null;
        if (!size.equals("auto")) {
            var match = java.util.regex.Pattern.compile("(\\d{2,4})[x*](\\d{2,4})").matcher(size);
            if (!match.matches()) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "--size is '" + size + "'; it must be auto or like 1280x720");
            }
            width = Integer.valueOf(match.group(1));
            height = Integer.valueOf(match.group(2));
        }
        return new CandidateConfig(
                seeds, steps, width, height, sizeRule, frames, fps, guidance, negative, scheduler,
                shift, null, loras(), precision, offload, codec, crf);
    }

    private @Nullable List<CandidateConfig.Lora> loras() {
        if (loras == null) {
            return null;
        }
        return loras.stream()
                .filter(text -> !text.equals("none"))
                .map(LoraSpec::parse)
                .map(spec -> new CandidateConfig.Lora(name(spec.path()), spec.strength()))
                .toList();
    }

    /** Paths on the command line start where the user is, names under the models. */
    private static String name(Path path) {
        return path.toString().equals("lightning")
                ? path.toString()
                : path.toAbsolutePath().toString();
    }

    private Conditioning condition(
            WanPipeline pipeline, GenerationSettings settings, @Nullable RgbImage first) {
        return promptEmbeds != null
                ? pipeline.condition(settings, promptEmbeds, first)
                : pipeline.condition(settings, String.valueOf(prompt), first);
    }

    private void generate(
            WanPipeline pipeline,
            Conditioning conditioning,
            long seed,
            double rate,
            ObjectNode report) {
        Path file = perSeed(out, seed);
        var encoding =
                new VideoSettings(
                        codec.equals("h264") ? VideoCodec.H264 : VideoCodec.H265,
                        crf,
                        EncodingPreset.MEDIUM,
                        rate);
        WanPipeline.Generation video;
        VideoInfo info;
        long encodeMillis;
        GenerationSettings settings = conditioning.settings();
        try (var writer =
                BackgroundWriter.start(file, settings.width(), settings.height(), encoding)) {
            video =
                    pipeline.generate(
                                    conditioning,
                                    seed,
                                    latents(settings, seed),
                                    (step, of) -> progress(seed, step, of),
                                    writer)
                            .orElseThrow();
            long begin = System.nanoTime();
            info = writer.finish();
            encodeMillis = millisSince(begin);
        }
        var entry = report.withArray("videos").addObject();
        entry.put("seed", seed).put("file", file.toString()).put("codec", info.codec());
        entry.put("bytes", info.bytes()).put("switchStep", video.switchStep());
        video.timings().forEach((part, millis) -> entry.put(part + "Millis", millis));
        video.memory()
                .forEach(
                        (part, memory) ->
                                entry.put(part + "PeakGib", MemoryReport.gib(memory.peak())));
        entry.put("encodeMillis", encodeMillis);
        if (!json) {
            output().println(file);
        }
    }

    private @Nullable LatentsFile latents(GenerationSettings settings, long seed) {
        if (latentsOut == null) {
            return null;
        }
        int step = latentsStep == null ? settings.steps() : latentsStep;
        return new LatentsFile(perSeed(latentsOut, seed), step);
    }

    private Path perSeed(Path file, long seed) {
        if (seeds.size() == 1) {
            return file;
        }
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return file.resolveSibling(
                dot < 0
                        ? name + "-" + seed
                        : name.substring(0, dot) + "-" + seed + name.substring(dot));
    }

    private void progress(long seed, int step, int of) {
        var errors = spec == null ? new PrintWriter(System.err, true) : spec.commandLine().getErr();
        errors.println("seed " + seed + ": step " + step + " of " + of);
        errors.flush();
    }

    private PrintWriter output() {
        return spec == null ? new PrintWriter(System.out, true) : spec.commandLine().getOut();
    }

    private static void describe(
            ObjectNode report, GenerationSettings s, LoadSettings loading, Device where) {
        report.put("device", where.toString()).put("precision", loading.precision().id());
        report.put("offload", loading.offload().id());
        report.put("width", s.width()).put("height", s.height()).put("frames", s.frames());
        report.put("steps", s.steps()).put("guidance", s.guidance());
        report.put("scheduler", s.scheduler()).put("shift", s.shift());
    }

    private static long millisSince(long begin) {
        return (System.nanoTime() - begin) / 1_000_000;
    }
}
