package dev.reelrank.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.GradedFile;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.testbed.Clip;
import dev.reelrank.testbed.Corrupted;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Renders scenes, corrupts each in every way that applies, encodes the clips and grades them on the
 * scene's prompt and still.
 */
final class Noticing {
    private static final int FRAMES = 17;
    private static final double FPS = 16;

    /** Scenes of one chunk: they share each loading of the models. */
    private static final int ROUND = 5;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final GradeStage stage;
    private final int cores;

    Noticing(GradeStage stage, int cores) {
        this.stage = stage;
        this.cores = cores;
    }

    /**
     * @param scenes how many of the split, from its first on
     * @param time no round begins after it
     */
    List<GradeCase> run(Split split, int scenes, Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        var cases = new ArrayList<GradeCase>();
        for (int from = 0; from < scenes && System.nanoTime() < end; from += ROUND) {
            round(split, from, Math.min(scenes, from + ROUND), cases);
            System.err.printf("%d of %d scenes%n", Math.min(scenes, from + ROUND), scenes);
        }
        return cases;
    }

    private record Made(int index, @Nullable Corruption corruption) {}

    private void round(Split split, int from, int to, List<GradeCase> cases) throws IOException {
        Path folder = Files.createTempDirectory("reelrank-bench-grade");
        var files = new ArrayList<VideoFile>();
        var made = new ArrayList<Made>();
        try {
            for (int i = from; i < to; i++) {
                Scene scene = SceneMaker.scene(split.seed(i));
                add(folder, scene, i, null, Renderer.render(scene, FRAMES), files, made);
                // A usual ghost, brightness change or colour change.
                float strength = .3f + .3f * (i % 4) / 3;
                for (var c : Corruption.values()) {
                    if (c != Corruption.WRONG_PLACE || scene.relation() != null) {
                        Clip clip = Corrupted.make(scene, c, FRAMES, strength).clip();
                        add(folder, scene, i, c, clip, files, made);
                    }
                }
            }
            var graded =
                    stage.gradeFiles(
                            files,
                            EnumSet.allOf(PhaseName.class),
                            GradeConfig.defaults(),
                            null,
                            cores);
            for (int i = 0; i < graded.size(); i++) {
                cases.add(read(made.get(i), graded.get(i)));
            }
        } finally {
            for (VideoFile f : files) {
                Files.deleteIfExists(f.video());
            }
            Files.deleteIfExists(folder);
        }
    }

    private static void add(
            Path folder,
            Scene scene,
            int index,
            @Nullable Corruption corruption,
            Clip clip,
            List<VideoFile> files,
            List<Made> made) {
        Path video = folder.resolve(index + "-" + corruption + ".mp4");
        VideoWriter.write(video, clip.frames(), VideoSettings.h264(FPS));
        files.add(
                new VideoFile(
                        Prompts.verbose(scene, index % 4), null, Renderer.still(scene), video));
        made.add(new Made(index, corruption));
    }

    private static GradeCase read(Made made, GradedFile graded) throws IOException {
        var result = graded.result();
        if (result == null) {
            throw new IllegalStateException(
                    "a rendered clip could not be graded: " + made, graded.failure());
        }
        Map<String, Double> scores = new LinkedHashMap<>();
        Map<String, Double> raw = new LinkedHashMap<>();
        for (var e : result.evidence().entrySet()) {
            Double score = e.getValue().score();
            if (score != null && e.getValue().used()) {
                scores.put(e.getKey(), score);
            }
        }
        var benchmark = result.evidence().get("benchmark");
        if (benchmark != null) {
            JSON.readTree(benchmark.details())
                    .path("dimensions")
                    .properties()
                    .forEach(d -> raw.put(d.getKey(), d.getValue().path("raw").asDouble()));
        }
        return new GradeCase(made.index(), made.corruption(), scores, raw);
    }
}
