package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Verification;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.Images;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reelrank grade}: the grade stage on local files. */
@Command(
        name = "grade",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Grades videos of one prompt and explains the grades.",
            "",
            "Five kinds of evidence: does it show what the prompt says (semantic), are things in place (spatial),"
                    + " is it consistent and smooth (benchmark), do users prefer such videos (preference) and"
                    + " does it look good (vision reward). All videos of one call share the loaded"
                    + " the models."
        })
public final class GradeCommand implements Callable<Integer> {
    private static final Pattern BUDGET =
            Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?(?:G|GB|GiB)?", Pattern.CASE_INSENSITIVE);

    @Spec private @Nullable CommandSpec spec;

    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            required = true,
            description = "The original prompt, as the user wrote it.")
    private String prompt = "";

    @Option(
            names = "--reference",
            paramLabel = "IMAGE",
            required = true,
            description = "The reference image of the videos.")
    private Path reference = Path.of("");

    @Option(
            names = "--subject",
            paramLabel = "PHRASE",
            description = "The subject, if the prompt does not name it clearly.")
    private @Nullable String subject;

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Frames that the vision-language model sees (default: 4).")
    private @Nullable Integer frames;

    @Option(
            names = "--memory-budget",
            paramLabel = "SIZE",
            defaultValue = "24GB",
            description =
                    "Limit for each phase, checked before anything is loaded; gibibytes"
                            + " (default: ${DEFAULT-VALUE}).")
    private String budget = "24GB";

    @Option(
            names = "--preference",
            paramLabel = "FILE",
            description =
                    "File of a preference model. Without one, the preference evidence is not used.")
    private @Nullable Path preference;

    @Option(
            names = "--verify-only",
            description =
                    "Compute only semantic, spatial and benchmark: does the video follow the prompt?")
    private boolean verifyOnly;

    @Option(
            names = "--json",
            description = "Print JSON: an object for one video, an array for several.")
    private boolean json;

    @Option(
            names = "--explain",
            paramLabel = "DIR",
            description = "Folder for each grade's JSON and images that show what was found where.")
    private @Nullable Path explain;

    @Parameters(paramLabel = "VIDEO", arity = "1..*", description = "The videos.")
    private List<Path> videos = List.of();

    @Override
    public Integer call() {
        var on = local.device(TorchRuntime::cudaAvailable);
        var d = GradeConfig.defaults();
        var config = new GradeConfig(d.weights(), frames == null ? d.frames() : frames, gib());
        var image = Images.read(reference);
        List<GradedFile> graded;
        try (var stage = new GradeStage(local.models(), FileFingerprints.ofUser(), on)) {
            graded =
                    stage.gradeFiles(
                            videos.stream()
                                    .map(v -> new VideoFile(prompt, subject, image, present(v)))
                                    .toList(),
                            EnumSet.allOf(PhaseName.class),
                            config,
                            preference == null
                                    ? null
                                    : new PreferenceModels(new ObjectMapper()).read(preference),
                            local.cores());
        }
        print(graded, config);
        if (explain != null) {
            for (Path file : GradeExplanation.write(explain, graded)) {
                err().println("wrote " + file);
            }
        }
        graded.stream()
                .map(GradedFile::failure)
                .filter(Objects::nonNull)
                .findFirst()
                .ifPresent(
                        failure -> {
                            throw failure;
                        });
        return 0;
    }

    private static Path present(Path video) {
        if (!Files.isRegularFile(video)) {
            throw new StageException(FailureCode.UNREADABLE_VIDEO, "there is no file " + video);
        }
        return video;
    }

    private double gib() {
        var match = BUDGET.matcher(budget.strip());
        if (!match.matches()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--memory-budget '" + budget + "' is not a memory size such as 24GB");
        }
        return Double.parseDouble(match.group(1));
    }

    private void print(List<GradedFile> graded, GradeConfig config) {
        var out = out();
        if (json) {
            var documents = new ObjectMapper().createArrayNode();
            for (var g : graded) {
                var result = g.result();
                var node =
                        result == null
                                ? GradeJson.of(Objects.requireNonNull(g.failure()))
                                : verifyOnly
                                        ? GradeJson.of(
                                                Verification.of(
                                                        result.evidence(), config.weights()))
                                        : GradeJson.of(result);
                documents.add(node.put("video", g.video().toString()));
            }
            out.println((graded.size() == 1 ? documents.get(0) : documents).toPrettyString());
        } else {
            graded.forEach(g -> print(g, config, out));
        }
        out.flush();
    }

    private void print(GradedFile graded, GradeConfig config, PrintWriter out) {
        var result = graded.result();
        out.println(graded.video());
        if (result == null) {
            out.println("  failed: " + Objects.requireNonNull(graded.failure()).getMessage());
            return;
        }
        for (var kind : EvidenceKind.values()) {
            var e = Objects.requireNonNull(result.evidence().get(kind.id()));
            if (verifyOnly
                    && (kind == EvidenceKind.PREFERENCE || kind == EvidenceKind.VISION_REWARD)) {
                continue;
            }
            Double score = e.score();
            out.printf(
                    Locale.ROOT,
                    "  %-13s %s  weight %.2f%s%n",
                    kind.id(),
                    score == null ? "   -  " : String.format(Locale.ROOT, "%.4f", score),
                    e.weight(),
                    e.used() ? "" : "  not used");
        }
        out.println(
                "  "
                        + (verifyOnly
                                ? Verification.of(result.evidence(), config.weights()).reasoning()
                                : result.reasoning()));
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    private PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }
}
