package dev.reelrank.reranker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import dev.reelrank.reranker.explain.RankingExplanation;
import dev.reelrank.reranker.report.CandidateReport;
import dev.reelrank.reranker.report.RankingReport;
import dev.reelrank.video.Images;
import dev.reelrank.worker.local.LocalOptions;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reelrank rank}: the ranking stage on local files. */
@Command(
        name = "rank",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Ranks candidate videos of one subject and explains the choice.",
            "",
            "Compares each video with the reference image: is it still the same subject (identity), is"
                    + " there only one of it (patch concentration), is it stable over time (temporal"
                    + " consistency). If the scores are too close together, the default wins: the"
                    + " first by file name, or --default."
        })
public final class RankCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Mixin private final LocalOptions local = new LocalOptions();

    @Option(
            names = "--reference",
            paramLabel = "IMAGE",
            required = true,
            description = "The reference image of the videos.")
    private Path reference = Path.of("");

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "The prompt; the subject to look for is taken from it.")
    private String prompt = "";

    @Option(
            names = "--subject",
            paramLabel = "PHRASE",
            description = "The subject to look for, instead of the prompt's.")
    private @Nullable String subject;

    @Option(
            names = "--frames",
            paramLabel = "N",
            description = "Scored frames of each video (default: 16).")
    private @Nullable Integer frames;

    @Option(
            names = "--mask-frames",
            paramLabel = "N",
            description =
                    "Segmented frames of each video; 0 segments the reference only, which is"
                            + " faster on CPUs (default: 4).")
    private @Nullable Integer maskFrames;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description =
                    "YAML or JSON with identity, concentration, temporal, brightnessDrift,"
                            + " duplicateSubject, motion, geometry.")
    private @Nullable Path weights;

    @Option(
            names = "--geometry",
            paramLabel = "SCORE",
            split = ",",
            description =
                    "Also measure how rigid the world is: epipolar_sampson, geometry_vggt,"
                            + " geometry_vggt_mse. The first is the term of the weight geometry.")
    private List<String> geometry = List.of();

    @Option(
            names = "--default",
            paramLabel = "FILE",
            description = "The video that wins if the scores are too close together.")
    private @Nullable Path preferred;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--explain",
            paramLabel = "DIR",
            description =
                    "Folder for images: the mask, identity by frame, heat maps, a contact sheet.")
    private @Nullable Path explain;

    @Parameters(paramLabel = "VIDEO", arity = "1..*", description = "The candidates.")
    private List<Path> videos = List.of();

    @Override
    public Integer call() {
        var on = local.device(RankingStage::gpuAvailable);
        var order = DefaultOrder.of(videos, preferred);
        try (var stage =
                new RankingStage(local.models(), FileFingerprints.ofUser(), on, local.cores())) {
            stage.limits().forEach(limit -> err().println("limits: " + limit));
            var config = config();
            stage.load(stage.loadKey(config), on);
            var report =
                    stage.rankFiles(
                            Images.read(reference),
                            prompt,
                            subject,
                            videos,
                            order,
                            config,
                            this::progress);
            out().print(json ? toJson(report) : table(report));
            out().flush();
            if (explain != null) {
                for (var file : RankingExplanation.write(explain, report)) {
                    err().println("wrote " + file);
                }
            }
        }
        return 0;
    }

    private RankingConfig config() {
        var d = RankingConfig.defaults();
        return d.withFrames(
                        frames == null ? d.frames() : frames,
                        maskFrames == null ? d.maskFrames() : maskFrames)
                .withWeights(weights == null ? d.weights() : WeightsFile.read(weights, d.weights()))
                .withExplain(explain != null)
                .withGeometry(geometry);
    }

    private void progress(int done, int of) {
        err().printf(Locale.ROOT, "ranked %d of %d%n", done, of);
    }

    private String toJson(RankingReport report) {
        var mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        try {
            return mapper.writeValueAsString(
                            RankJson.of(report, videos.stream().map(Path::toString).toList()))
                    + System.lineSeparator();
        } catch (JsonProcessingException e) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "the ranking cannot be written as JSON", e);
        }
    }

    private static String table(RankingReport report) {
        var text = new StringBuilder();
        var mask = report.mask();
        text.append("subject        ")
                .append(report.subject() == null ? "none" : report.subject())
                .append(System.lineSeparator())
                .append("mask           ")
                .append(
                        mask.used()
                                ? String.format(
                                        Locale.ROOT, "%.1f %% of the image", mask.area() * 100)
                                : "not used: " + mask.whyNot())
                .append(System.lineSeparator());
        text.append(
                String.format(
                        Locale.ROOT,
                        "%n%9s %9s %9s %9s %9s %9s  %s%n",
                        "composite",
                        "identity",
                        "least",
                        "concentr.",
                        "temporal",
                        "drift",
                        "video"));
        for (int i = 0; i < report.candidates().size(); i++) {
            var candidate = report.candidates().get(i);
            var m = candidate.measures();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%9.4f %9.4f %9.4f %9.4f %9.4f %9.4f %s %s%n",
                            candidate.composite(),
                            m.maskedIdentity(),
                            m.minIdentity(),
                            m.concentrationNormalised(),
                            m.temporal(),
                            m.brightnessDrift(),
                            i == report.choice().index() ? "*" : " ",
                            candidate.name()));
        }
        report.candidates().forEach(c -> c.geometry().forEach(g -> text.append(geometry(c, g))));
        return text.append(System.lineSeparator())
                .append("winner         ")
                .append(report.candidates().get(report.choice().index()).name())
                .append(": ")
                .append(report.choice().reason())
                .append(System.lineSeparator())
                .toString();
    }

    private static String geometry(CandidateReport candidate, GeometryScore one) {
        return String.format(
                Locale.ROOT,
                "%n%s: %s %s",
                candidate.name(),
                one.metric(),
                one.score() == null
                        ? "has no score: " + one.reason()
                        : String.format(Locale.ROOT, "%.4f (term %.3f)", one.score(), one.term()));
    }

    private PrintWriter out() {
        return requireSpec().commandLine().getOut();
    }

    private PrintWriter err() {
        return requireSpec().commandLine().getErr();
    }

    private CommandSpec requireSpec() {
        if (spec == null) {
            throw new IllegalStateException("the command runs through picocli");
        }
        return spec;
    }
}
