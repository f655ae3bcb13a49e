package dev.reelrank.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.ranking.Measures;
import dev.reelrank.reranker.RankingStage;
import dev.reelrank.reranker.report.CandidateReport;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.Wording;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * Does ranking prefer a clean clip to the same clip with a ghost? A second copy of the subject,
 * shifted by 0.45 to 0.8 of its radius, is blended at 30 to 60 % into every frame; both clips are
 * encoded and ranked against the clip's still.
 */
final class Ghosting {
    private static final Map<String, ToDoubleFunction<CandidateReport>> TERMS = terms();

    private final RankingStage stage;
    private final RankingConfig config;

    /**
     * @param config of the ranking, with its pictures left out
     */
    Ghosting(RankingStage stage, RankingConfig config) {
        this.stage = stage;
        this.config = config;
    }

    private static Map<String, ToDoubleFunction<CandidateReport>> terms() {
        var terms = new LinkedHashMap<String, ToDoubleFunction<CandidateReport>>();
        terms.put("composite", CandidateReport::composite);
        put(terms, "maskedIdentity", Measures::maskedIdentity);
        put(terms, "minIdentity", Measures::minIdentity);
        put(terms, "fullIdentity", Measures::fullIdentity);
        put(terms, "patchConcentration", Measures::concentration);
        put(terms, "temporalConsistency", Measures::temporal);
        put(terms, "duplicateSubject", m -> -m.duplicateSubject());
        return terms;
    }

    private static void put(
            Map<String, ToDoubleFunction<CandidateReport>> terms,
            String name,
            ToDoubleFunction<Measures> measure) {
        terms.put(name, c -> measure.applyAsDouble(c.measures()));
    }

    /**
     * One clip.
     *
     * @param index in the split
     * @param group kind of subject
     * @param strength of the ghost, 0.3..0.6
     * @param maskUsed whether the subject was segmented in the reference
     * @param margins by term: clean minus ghosted
     */
    record Case(
            int index,
            String group,
            double strength,
            boolean maskUsed,
            Map<String, Double> margins) {}

    /**
     * @param split whose clips these are
     * @param clips how many
     * @param cleanFirst by term: share of clips where the clean one is ahead
     * @param choiceClean share of clips where the choice (with its least spread) falls on the clean
     *     one although the ghosted one is the default
     * @param masksUsed share of clips whose subject was segmented in the reference
     * @param byGroup composite's share by kind of subject
     * @param cases every clip
     */
    record Judgement(
            String split,
            int clips,
            Map<String, Double> cleanFirst,
            double choiceClean,
            double masksUsed,
            Map<String, Double> byGroup,
            List<Case> cases) {
        String table() {
            var text = new StringBuilder();
            text.append(String.format(Locale.ROOT, "%d clips of the %s split%n", clips, split));
            cleanFirst.forEach(
                    (term, share) ->
                            text.append(
                                    String.format(
                                            Locale.ROOT,
                                            "  clean one ahead by %-20s %5.1f %%%n",
                                            term,
                                            share * 100)));
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  chosen against a ghosted default    %5.1f %%%n  subject segmented"
                                    + "                   %5.1f %%%n",
                            choiceClean * 100,
                            masksUsed * 100));
            byGroup.forEach(
                    (group, share) ->
                            text.append(
                                    String.format(
                                            Locale.ROOT,
                                            "  composite on %-10s %5.1f %%%n",
                                            group,
                                            share * 100)));
            return text.toString();
        }
    }

    Judgement run(String split, int from, int clips) throws IOException {
        var scenes = Split.parse(split);
        var folder = Files.createTempDirectory("reelrank-bench-ghosting");
        var cases = new ArrayList<Case>();
        int chosen = 0;
        try {
            for (int i = from; i < from + clips; i++) {
                chosen += judge(scenes, i, folder, cases) ? 1 : 0;
            }
        } finally {
            Files.deleteIfExists(folder.resolve("clean.mp4"));
            Files.deleteIfExists(folder.resolve("ghost.mp4"));
            Files.deleteIfExists(folder);
        }
        return summed(split, cases, chosen);
    }

    private boolean judge(Split split, int index, Path folder, List<Case> cases) {
        var scene = SceneMaker.scene(split.seed(index));
        var random = new Random(index);
        double strength = 0.3 + 0.3 * random.nextDouble();
        var clean = Renderer.render(scene, Renderer.FRAMES).frames();
        var ghosted = ghosted(scene, clean, strength, random);
        var videos =
                List.of(
                        write(folder.resolve("clean.mp4"), clean),
                        write(folder.resolve("ghost.mp4"), ghosted));
        var report =
                stage.rankFiles(
                        Renderer.still(scene),
                        "",
                        Wording.phrase(scene.first()),
                        videos,
                        new int[] {1, 0},
                        config,
                        (done, of) -> {});
        var margins = new LinkedHashMap<String, Double>();
        TERMS.forEach(
                (term, value) ->
                        margins.put(
                                term,
                                value.applyAsDouble(report.candidates().get(0))
                                        - value.applyAsDouble(report.candidates().get(1))));
        cases.add(new Case(index, report.group().id(), strength, report.mask().used(), margins));
        return report.choice().index() == 0;
    }

    private static List<RgbImage> ghosted(
            Scene scene, List<RgbImage> clean, double strength, Random random) {
        double side = random.nextBoolean() ? 1 : -1;
        double shift = side * scene.first().radius() * (0.45 + 0.35 * random.nextDouble());
        var beside =
                scene.withFirst(
                        scene.first()
                                .at(
                                        (float) (scene.first().x() + shift),
                                        (float)
                                                (scene.first().y()
                                                        + 12 * random.nextDouble()
                                                        - 6)));
        var other = Renderer.render(beside, clean.size()).frames();
        var frames = new ArrayList<RgbImage>();
        for (int t = 0; t < clean.size(); t++) {
            frames.add(blend(clean.get(t), other.get(t), strength));
        }
        return frames;
    }

    private static RgbImage blend(RgbImage a, RgbImage b, double share) {
        var rgb = new byte[a.rgb().length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] =
                    (byte)
                            Math.round(
                                    (a.rgb()[i] & 0xff) * (1 - share)
                                            + (b.rgb()[i] & 0xff) * share);
        }
        return new RgbImage(a.width(), a.height(), rgb);
    }

    private static Path write(Path file, List<RgbImage> frames) {
        return VideoWriter.write(
                        file, frames, VideoSettings.h264(16).withPreset(EncodingPreset.VERYFAST))
                .file();
    }

    /**
     * Sums parts of a run up.
     *
     * @param files written by {@code --ghosting --json}, of one split
     * @param minSpread below it the ghosted default is chosen
     */
    static Judgement again(List<Path> files, double minSpread) throws IOException {
        String split = "";
        var cases = new ArrayList<Case>();
        for (var file : files) {
            var part = new ObjectMapper().readValue(file.toFile(), Judgement.class);
            split = part.split();
            cases.addAll(part.cases());
        }
        long chosen =
                cases.stream()
                        .filter(
                                c ->
                                        Objects.requireNonNull(c.margins().get("composite"))
                                                >= minSpread)
                        .count();
        return summed(split, cases, (int) chosen);
    }

    private static Judgement summed(String split, List<Case> cases, int chosen) {
        var ahead = new LinkedHashMap<String, Double>();
        for (var term : TERMS.keySet()) {
            ahead.put(term, share(cases, term));
        }
        var groups = new LinkedHashMap<String, Double>();
        cases.stream()
                .map(Case::group)
                .distinct()
                .sorted()
                .forEach(
                        group ->
                                groups.put(
                                        group,
                                        share(
                                                cases.stream()
                                                        .filter(c -> c.group().equals(group))
                                                        .toList(),
                                                "composite")));
        return new Judgement(
                split,
                cases.size(),
                ahead,
                (double) chosen / cases.size(),
                (double) cases.stream().filter(Case::maskUsed).count() / cases.size(),
                groups,
                cases);
    }

    private static double share(List<Case> cases, String term) {
        return (double)
                        cases.stream()
                                .filter(c -> Objects.requireNonNull(c.margins().get(term)) > 0)
                                .count()
                / cases.size();
    }
}
