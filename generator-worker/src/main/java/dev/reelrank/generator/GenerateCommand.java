package dev.reelrank.generator;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.Images;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.PrintWriter;
import java.nio.charset.Charset;
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
        description = "Generates videos from a prompt and an image.",
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
            description = "Seeds, one video per seed; they share text, image and weights.")
    private List<Long> seeds = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE.mp4",
            required = true,
            description = "File of the video; with several seeds, FILE-SEED.mp4.")
    private Path out = Path.of("");

    @Mixin private final GenerateOptions options = new GenerateOptions();

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
        var config = options.config(seeds);
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
                    MadeVideo made;
                    try (var video =
                            generator
                                    .make(
                                            conditioning,
                                            seed,
                                            perSeed(out, seed),
                                            config,
                                            latents(settings, seed),
                                            (step, of) -> progress(seed, step, of))
                                    .orElseThrow()) {
                        made = video.finish();
                    }
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
        var errors =
                spec == null
                        ? new PrintWriter(System.err, true, Charset.defaultCharset())
                        : spec.commandLine().getErr();
        errors.println("seed " + seed + ": step " + step + " of " + of);
        errors.flush();
    }

    private PrintWriter output() {
        return spec == null
                ? new PrintWriter(System.out, true, Charset.defaultCharset())
                : spec.commandLine().getOut();
    }
}
