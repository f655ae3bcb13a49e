package dev.reelrank.generator;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.Images;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
        description = "Generates videos from a prompt and an image.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--generator",
            paramLabel = "NAME",
            description = "Folder of the generator under --models (wan).")
    private @Nullable String generator;

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
            description = "Seeds, one video per seed; they share text, image and weights.")
    private List<Long> seeds = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE.mp4",
            required = true,
            description = "File of the video; with several seeds, FILE-SEED.mp4.")
    private Path out = Path.of("");

    @Option(names = "--steps", paramLabel = "N", description = "Denoising steps (auto).")
    private @Nullable Integer steps;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            defaultValue = "auto",
            description = "Pixels (auto: the image's aspect).")
    private String size = "auto";

    @Option(
            names = "--size-rule",
            defaultValue = "area",
            description = "With --size auto: area or short-side (${DEFAULT-VALUE}).")
    private String sizeRule = "area";

    @Option(names = "--frames", paramLabel = "N", description = "Frames of the video (auto).")
    private @Nullable Integer frames;

    @Option(names = "--fps", paramLabel = "N", description = "Frames per second (auto).")
    private @Nullable Double fps;

    @Option(
            names = "--guidance",
            paramLabel = "G",
            description =
                    "Guidance scale; above 1 the negative prompt has an effect, at twice the cost (auto).")
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

    @Option(
            names = "--scheduler",
            description =
                    "Of Wan: unipc, as in diffusers; or euler, whose noise levels are shifted"
                            + " once, as Lightning was distilled for (diffusers' FlowMatchEuler"
                            + " spaces them over a range that is shifted already and shifts"
                            + " them again) (auto: the folder's).")
    private @Nullable String scheduler;

    @Option(names = "--shift", description = "Shift of the noise levels (auto).")
    private @Nullable Double shift;

    @Option(
            names = "--boundary",
            description = "Of Wan: share of the noise range for the high-noise expert (auto).")
    private @Nullable Double boundary;

    @Option(
            names = "--guidance-low",
            paramLabel = "G",
            description = "Of Wan: guidance of the low-noise expert (as --guidance).")
    private @Nullable Double guidanceLow;

    @Option(
            names = "--parameter",
            paramLabel = "NAME=NUMBER",
            description = "Other parameters of the generator family.")
    private Map<String, Double> parameters = Map.of();

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
            description = "Step after which --latents-out writes (default: the last).")
    private @Nullable Integer latentsStep;

    @Option(names = "--codec", defaultValue = "h264", description = "h264 or h265.")
    private String codec = "h264";

    @Option(names = "--crf", defaultValue = "18", description = "0..51 (${DEFAULT-VALUE}).")
    private int crf = 18;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    private static ResultStore noStore() {
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "this command has no farm to take an adapter from; export it with 'reelrank adapters export' and name its folder");
    }

    @Override
    public Integer call() {
        var prompted = promptInput();
        var where = local.device(TorchRuntime::cudaAvailable);
        local.threads().ifPresent(TorchRuntime::threads);
        var config = config();
        var key =
                new GeneratorModels(
                                GeneratorFamilies.all(),
                                local.models(),
                                FileFingerprints.ofUser(),
                                GenerateCommand::noStore,
                                where)
                        .key(config);
        RgbImage first = image == null ? null : Images.read(image);
        var settings = key.model().settings(config, first);
        key.model().options().checkImage(first != null);
        var files = FileFingerprints.ofUser().of(GeneratorModels.files(key)).parts();
        var report = new GenerateReport(where, settings);
        long begin = System.nanoTime();
        try (var generator = LoadedGenerator.load(key, files, TorchDevice.of(where))) {
            report.loaded(generator.generator().settings(), begin);
            begin = System.nanoTime();
            try (var conditioning = generator.condition(settings, prompted, first)) {
                report.conditioned(begin);
                for (long seed : seeds) {
                    var made =
                            generator
                                    .make(
                                            conditioning,
                                            seed,
                                            perSeed(out, seed),
                                            config,
                                            latents(settings, seed),
                                            (step, of) -> progress(seed, step, of))
                                    .orElseThrow();
                    report.made(seed, made);
                    if (!json) {
                        output().println(made.info().file());
                    }
                }
            }
            report.peak(generator.peakBytes());
        }
        if (json) {
            output().println(report);
        }
        output().flush();
        return 0;
    }

    private PromptInput promptInput() {
        if (prompt != null && promptEmbeds == null) {
            return new PromptInput.Text(prompt);
        }
        if (prompt == null && promptEmbeds != null) {
            return new PromptInput.Embeds(promptEmbeds);
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG, "give either --prompt or --prompt-embeds");
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
                generator,
                seeds,
                steps,
                width,
                height,
                sizeRule,
                frames,
                fps,
                guidance,
                negative,
                scheduler,
                shift,
                boundary,
                parameters(),
                loras(),
                precision,
                offload,
                codec,
                crf);
    }

    private Map<String, Double> parameters() {
        var all = new TreeMap<>(parameters);
        if (guidanceLow != null) {
            all.put("guidanceLow", guidanceLow);
        }
        return all;
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
}
