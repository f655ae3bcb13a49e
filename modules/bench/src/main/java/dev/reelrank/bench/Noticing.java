package dev.reelrank.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.GradedFile;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.grading.prompt.PromptFacts;
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
import java.util.HashMap;
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

    private static final Set<PhaseName> SIGHT = EnumSet.of(PhaseName.PERCEPTION, PhaseName.MOTION);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final GradeStage stage;
    private final int cores;
    private final Look look;

    /** Which evidence is computed of which clip. */
    enum Look {
        /** All of it. */
        ALL,
        /** What notices a corruption, and what comes along with that. */
        MEANT,
        /** The benchmark, to fit its ranges. */
        BENCHMARK
    }

    Noticing(GradeStage stage, int cores, Look look) {
        this.stage = stage;
        this.cores = cores;
        this.look = look;
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
        if (look == Look.BENCHMARK) {
            // Only every third scene has it, and the benchmark does not see it.
            missing.remove(Corruption.WRONG_PLACE);
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
            switch (look) {
                case ALL -> grade(files, made, EnumSet.allOf(PhaseName.class), cases);
                case MEANT -> meant(files, made, cases);
                case BENCHMARK -> grade(files, made, SIGHT, cases);
            }
        } finally {
            for (VideoFile f : files) {
                Files.deleteIfExists(f.video());
            }
            Files.deleteIfExists(folder);
        }
    }

    private List<GradedFile> grade(
            List<VideoFile> files, List<Made> made, Set<PhaseName> phases, List<GradeCase> cases)
            throws IOException {
        var graded = stage.gradeFiles(files, phases, GradeConfig.defaults(), null, cores);
        for (int i = 0; i < graded.size(); i++) {
            cases.add(read(made.get(i), graded.get(i)));
        }
        return graded;
    }

    /** The language model sees only what it is meant to notice; the facts it read go on. */
    private void meant(List<VideoFile> files, List<Made> made, List<GradeCase> cases)
            throws IOException {
        var told = new ArrayList<VideoFile>();
        var toldMade = new ArrayList<Made>();
        for (int i = 0; i < files.size(); i++) {
            var corruption = made.get(i).corruption();
            if (corruption == null || NoticingTable.byLanguage(corruption)) {
                told.add(files.get(i));
                toldMade.add(made.get(i));
            }
        }
        var language = new ArrayList<GradeCase>();
        var answers = grade(told, toldMade, EnumSet.of(PhaseName.LANGUAGE), language);
        var facts = new HashMap<Integer, PromptFacts>();
        for (int i = 0; i < answers.size(); i++) {
            facts.put(toldMade.get(i).index(), answers.get(i).facts());
        }
        var seen = new ArrayList<VideoFile>();
        var seenMade = new ArrayList<Made>();
        for (int i = 0; i < files.size(); i++) {
            var corruption = made.get(i).corruption();
            if (corruption == null || !NoticingTable.byLanguage(corruption)) {
                var f = files.get(i);
                seen.add(
                        new VideoFile(
                                f.prompt(),
                                f.subject(),
                                f.reference(),
                                f.video(),
                                facts.get(made.get(i).index())));
                seenMade.add(made.get(i));
            }
        }
        var sight = new ArrayList<GradeCase>();
        grade(seen, seenMade, SIGHT, sight);
        for (var c : language) {
            cases.add(
                    sight.stream()
                            .filter(o -> c.corruption() == null && o.isCleanOf(c.index()))
                            .findFirst()
                            .map(c::with)
                            .orElse(c));
        }
        sight.stream().filter(c -> c.corruption() != null).forEach(cases::add);
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
