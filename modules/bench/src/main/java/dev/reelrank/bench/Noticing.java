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
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Renders scenes, corrupts each in every way that applies, encodes the clips and grades them on the
 * scene's prompt and still.
 */
final class Noticing {
    private static final int FRAMES = 17;
    private static final double FPS = 16;

    /** Scenes of one chunk: they share each loading of the models. */
    private static final int ROUND = 10;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final GradeStage stage;
    private final int cores;

    Noticing(GradeStage stage, int cores) {
        this.stage = stage;
        this.cores = cores;
    }

    /**
     * Scenes of the split from {@code from} on, until every corruption was applied to so many; only
     * scenes with a relation can have things in the wrong place, so their others are left out then.
     *
     * @param wanted cases of each corruption
     * @param time no round begins after it
     */
    List<GradeCase> run(Split split, int from, int wanted, Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        var cases = new ArrayList<GradeCase>();
        var missing = new EnumMap<Corruption, Integer>(Corruption.class);
        for (var c : Corruption.values()) {
            missing.put(c, wanted);
        }
        for (int index = from; !missing.isEmpty() && System.nanoTime() < end; ) {
            var round = new ArrayList<Plan>();
            while (round.size() < ROUND && !missing.isEmpty()) {
                Scene scene = SceneMaker.scene(split.seed(index));
                var chosen = EnumSet.noneOf(Corruption.class);
                for (var c : missing.keySet()) {
                    if (c != Corruption.WRONG_PLACE || scene.relation() != null) {
                        chosen.add(c);
                    }
                }
                chosen.forEach(c -> missing.computeIfPresent(c, (k, n) -> n == 1 ? null : n - 1));
                if (!chosen.isEmpty()) {
                    round.add(new Plan(index, scene, chosen));
                }
                index++;
            }
            round(round, cases);
            System.err.printf("%d clips, scenes up to %d%n", cases.size(), index);
        }
        return cases;
    }

    private record Plan(int index, Scene scene, Set<Corruption> corruptions) {}

    private record Made(int index, @Nullable Corruption corruption) {}

    private void round(List<Plan> plans, List<GradeCase> cases) throws IOException {
        Path folder = Files.createTempDirectory("reelrank-bench-grade");
        var files = new ArrayList<VideoFile>();
        var made = new ArrayList<Made>();
        try {
            for (var plan : plans) {
                Scene scene = plan.scene();
                int i = plan.index();
                add(folder, scene, i, null, Renderer.render(scene, FRAMES), files, made);
                // A usual ghost, brightness change or colour change.
                float strength = .3f + .3f * (i % 4) / 3;
                for (var c : plan.corruptions()) {
                    Clip clip = Corrupted.make(scene, c, FRAMES, strength).clip();
                    add(folder, scene, i, c, clip, files, made);
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
