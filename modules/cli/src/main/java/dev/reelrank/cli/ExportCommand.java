package dev.reelrank.cli;

import dev.reelrank.client.RunReading;
import dev.reelrank.client.Session;
import dev.reelrank.client.export.ExportOptions;
import dev.reelrank.client.export.ExportSummary;
import dev.reelrank.client.export.Finish;
import dev.reelrank.client.export.RunExport;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.FinishConfig;
import dev.reelrank.upscale.Upscaler;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoCodec;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A finished run as one archive of small videos. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the winners of a finished run to one .tar.gz, encoded smaller than they are stored.",
            "Every sample must have a video that decodes; otherwise it lists the others and writes nothing."
        })
final class ExportCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Option(names = "--run", required = true, paramLabel = "ID", description = "Which run.")
    String runId = "";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The archive. Default: RUN.tar.gz in this folder")
    @Nullable Path out;

    @Option(
            names = "--codec",
            paramLabel = "h265|h264",
            defaultValue = "h265",
            description = "Codec of the videos. Default: ${DEFAULT-VALUE}")
    VideoCodec codec = VideoCodec.H265;

    @Option(
            names = "--crf",
            paramLabel = "N",
            defaultValue = "28",
            description = "Constant quality, 0..51; lower is better and larger. Default: 28")
    int crf = 28;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            defaultValue = "medium",
            description = "Speed of the encoder: ${COMPLETION-CANDIDATES}. Default: medium")
    EncodingPreset preset = EncodingPreset.MEDIUM;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            defaultValue = "8",
            description = "Videos encoded at once. Default: 8, or the number of cores if fewer")
    int jobs = 8;

    @Option(
            names = "--keep",
            description =
                    "Keep the encoded videos as files too, in a folder named like the archive; an earlier one is replaced.")
    boolean keep;

    @Option(
            names = "--upscale",
            paramLabel = "FILE",
            description =
                    "Enlarge every frame with these weights of a Real-ESRGAN first, on --device; 'none' for not. Default: what finish.upscale of the run says.")
    @Nullable Path weights;

    @Mixin ModelOptions models = new ModelOptions();

    @Mixin UpscaleMixin upscale = new UpscaleMixin();

    @Option(names = "--json", description = "Print sizes and ratio as JSON.")
    boolean json;

    @Override
    public Integer call() {
        var options = options();
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var run = RunReading.one(session, runId);
            try (var upscaler = upscaler(run)) {
                Finish finish = upscaler == null ? Finish.NONE : UpscaleMixin.finish(upscaler);
                print(write(session, run, options, finish));
                return ExitCode.OK;
            }
        }
    }

    /** As the options say, or else the run's configuration; null for frames as they are. */
    private @Nullable Upscaler upscaler(RunView run) {
        if (weights != null) {
            return weights.toString().equals("none") ? null : upscale.load(weights);
        }
        var asked = run.run().map(r -> r.configuration().finish()).orElse(FinishConfig.defaults());
        return FinishWeights.find(asked, models)
                .map(file -> upscale.load(file, FinishWeights.options(asked, upscale.batch)))
                .orElse(null);
    }

    private static ExportSummary write(
            Session session, RunView run, ExportOptions options, Finish finish) {
        return new RunExport(session.store(), options, finish, System.err::println).write(run);
    }

    private ExportOptions options() {
        try {
            return new ExportOptions(
                    out != null ? out : Path.of(runId + ".tar.gz"),
                    codec,
                    crf,
                    preset,
                    Math.min(jobs, Runtime.getRuntime().availableProcessors()),
                    keep);
        } catch (IllegalArgumentException e) {
            throw new StageException(FailureCode.INVALID_CONFIG, "--" + e.getMessage(), e);
        }
    }

    private void print(ExportSummary made) {
        if (!made.padded().isEmpty()) {
            System.err.println(
                    "An odd width or height was made even by repeating its last column or row: "
                            + String.join(", ", made.padded()));
        }
        if (json) {
            Json.print(made);
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%d videos: %s -> %s (%.1f times smaller)%n%s: %s%n",
                made.videos(),
                ByteSize.of(made.originalBytes()),
                ByteSize.of(made.encodedBytes()),
                made.ratio(),
                made.archive(),
                ByteSize.of(made.archiveBytes()));
        if (!made.kept().isEmpty()) {
            System.out.println(made.kept() + ": the same videos as files");
        }
    }
}
