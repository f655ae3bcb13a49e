package dev.reelrank.cli;

import dev.reelrank.client.results.RunFiles;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.upscale.UpscaledVideos;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.worker.Gpus;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Writes the winners as {@code finish} in a run's configuration asks for them. */
final class FinishOptions {
    @Option(
            names = "--finish-device",
            paramLabel = "cpu|cuda:N",
            description =
                    "Where winners are enlarged if finish.upscale asks for it. Default: the first GPU, or the CPU.")
    @Nullable String device;

    /**
     * Writes the enlarged winners beside the winners; does nothing for a run that asks for none.
     *
     * @throws StageException of the first sample that fails; those before it are written
     */
    void write(ResultStore store, RunView run, RunFiles files, ModelOptions models) {
        RunConfiguration configuration = run.run().map(RunUpdated::configuration).orElse(null);
        if (configuration == null || configuration.finish().upscale() == null) {
            return;
        }
        Path weights = FinishWeights.find(configuration.finish(), models).orElseThrow();
        List<SampleView> winners = run.samples().values().stream().filter(files::holds).toList();
        try (var videos =
                UpscaledVideos.of(
                        store,
                        weights,
                        where(),
                        FinishWeights.options(configuration.finish(), 1))) {
            for (int i = 0; i < winners.size(); i++) {
                SampleView sample = winners.get(i);
                System.err.printf(
                        "Enlarging %s (%d of %d)%n", sample.sampleId(), i + 1, winners.size());
                enlarge(videos, sample, files, settings(configuration.candidate()));
            }
        }
        if (!winners.isEmpty()) {
            System.err.printf(
                    "Winners enlarged with %s (%d): %s%n",
                    configuration.finish().upscale(),
                    winners.size(),
                    files.folder().resolve("upscaled"));
        }
    }

    private static void enlarge(
            UpscaledVideos videos, SampleView sample, RunFiles files, VideoSettings codec) {
        var winner = sample.winner().orElseThrow();
        try {
            files.upscaled(
                    sample.sampleId(),
                    videos.of(winner.video(), codec, files.folder(), done -> {}));
        } catch (StageException e) {
            throw new StageException(
                    e.code(),
                    "the winner of %s cannot be enlarged: %s; the run itself is done, and collect goes on here"
                            .formatted(sample.sampleId(), e.getMessage()),
                    e);
        }
    }

    /** As the candidates; the frame rate is that of each video. */
    private static VideoSettings settings(CandidateConfig candidate) {
        return new VideoSettings(
                VideoCodec.valueOf(candidate.codec().toUpperCase(Locale.ROOT)),
                candidate.crf(),
                EncodingPreset.MEDIUM,
                1);
    }

    private Device where() {
        try {
            return device != null
                    ? Device.parse(device)
                    : Gpus.all().isEmpty() ? Device.CPU : Device.parse("cuda:0");
        } catch (IllegalArgumentException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG, "--finish-device: " + e.getMessage(), e);
        }
    }
}
