package dev.reelrank.bench;

import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.stage.GradeResult;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The time and memory of one chunk of videos, loading and decoding included. */
final class GradeSpeed {
    private final GradeStage stage;
    private final int cores;

    GradeSpeed(GradeStage stage, int cores) {
        this.stage = stage;
        this.cores = cores;
    }

    /**
     * @param secondsPerVideo of the whole chunk, divided by its videos
     * @param phases of the chunk
     */
    record FigureFile(
            String size,
            int frames,
            int videos,
            int threads,
            double secondsPerVideo,
            List<GradeResult.PhaseMemory> phases) {
        String text() {
            var text = new StringBuilder();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%d videos of %d frames at %s, %d threads: %.2f s per video%n",
                            videos,
                            frames,
                            size,
                            threads,
                            secondsPerVideo));
            phases.forEach(
                    p ->
                            text.append(
                                    String.format(
                                            Locale.ROOT,
                                            "  %-11s loaded in %.2f s, ran %.2f s, peak %d MiB%n",
                                            p.phase(),
                                            p.loadMillis() / 1e3,
                                            p.runMillis() / 1e3,
                                            p.peakMib())));
            return text.toString();
        }
    }

    FigureFile run(int width, int height, int frames, int videos) throws IOException {
        try (var timed = new TimedVideos(videos, width, height, frames)) {
            var files =
                    timed.all().stream()
                            .map(v -> new VideoFile(v.prompt(), null, v.reference(), v.file()))
                            .toList();
            long begin = System.nanoTime();
            var graded =
                    stage.gradeFiles(
                            files,
                            EnumSet.allOf(PhaseName.class),
                            GradeConfig.defaults(),
                            null,
                            cores);
            double seconds = (System.nanoTime() - begin) / 1e9;
            return new FigureFile(
                    width + "x" + height,
                    frames,
                    videos,
                    cores,
                    seconds / videos,
                    Objects.requireNonNull(graded.get(0).result()).phases());
        }
    }
}
