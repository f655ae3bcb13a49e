package dev.reelrank.generator;

import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code reelrank generate} lets a user choose of a {@link CandidateConfig}. */
final class GenerateOptions {
    @Option(
            names = "--generator",
            paramLabel = "NAME",
            description = "Folder of the generator under --models (wan).")
    private @Nullable String generator;

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

    @Option(names = "--codec", defaultValue = "h264", description = "h264 or h265.")
    private String codec = "h264";

    @Option(names = "--crf", defaultValue = "18", description = "0..51 (${DEFAULT-VALUE}).")
    private int crf = 18;

    /**
     * The configuration that a farm would get.
     *
     * @throws StageException INVALID_CONFIG for a size that is none
     */
    CandidateConfig config(List<Long> seeds) {
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
}
