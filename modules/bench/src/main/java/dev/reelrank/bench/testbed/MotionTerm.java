package dev.reelrank.bench.testbed;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.ranking.Choice;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.statistics.PairedDifference;
import dev.reelrank.testbed.Corrupted;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.Truth;
import dev.reelrank.testbed.WrittenPrompts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the motion term makes the winner of a ranking truly better. The composite is linear in
 * the term, so every candidate is made and measured once and the choice repeated for each weight.
 *
 * <p>Two kinds of samples. <b>generated</b>: the candidates that the generator makes of a scene.
 * <b>frozen</b>: a rendered clip as it should be, a frozen copy of it, which is the default, and
 * one that moves the wrong way.
 */
public final class MotionTerm {
    /** Weights of the term that are compared; the first is without it. */
    static final List<Double> WEIGHTS = List.of(0.0, 0.05, 0.1, 0.2, 0.4);

    /** Below this, qualities are the same for people. */
    private static final double SAME = 1e-4;

    private static final double UNKNOWN_MOTION = 0.5;

    private final Split split;
    private final Path models;
    private final Device device;
    private final int threads;

    /**
     * @param split whose scenes; validation to choose a weight, test to report it
     * @param models folder with {@code wan} and the models of ranking
     * @param threads of the ranking
     */
    public MotionTerm(Split split, Path models, Device device, int threads) {
        this.split = split;
        this.models = models;
        this.device = device;
        this.threads = threads;
    }

    /**
     * One sample.
     *
     * @param scene index in the split
     * @param kind generated or frozen
     * @param composite of each candidate without the term
     * @param motion of each, 0..1; null where the prompt asks for nothing of it
     * @param quality of each by the truth; 1 is the truth itself
     */
    public record Case(
            int scene,
            String kind,
            List<Double> composite,
            List<@Nullable Double> motion,
            List<Double> quality) {}

    /**
     * What a weight leads to, over the samples of a kind.
     *
     * @param quality mean of the winners by the truth
     * @param gain mean change of it against no term, with its 95 % interval by bootstrap
     * @param better samples whose winner is truly better than without the term
     * @param worse samples whose winner is truly worse
     * @param best share of the samples in which the winner is the best there is
     */
    public record Row(
            String kind,
            double weight,
            int samples,
            double quality,
            double gain,
            double low,
            double high,
            int better,
            int worse,
            double best) {}

    /**
     * All of it.
     *
     * @param missed what was to be reached and is not
     */
    public record Figures(
            String command,
            String commit,
            String hardware,
            String split,
            List<Row> rows,
            List<String> missed,
            List<Case> cases) {
        /** A table for people. */
        public String text() {
            var text = new StringBuilder("kind       weight  quality  change by the term\n");
            for (Row row : rows) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "%-10s %6.2f  %7.4f  %+.4f (%+.4f to %+.4f), %d better, %d worse of"
                                        + " %d, best in %.0f %%%n",
                                row.kind(),
                                row.weight(),
                                row.quality(),
                                row.gain(),
                                row.low(),
                                row.high(),
                                row.better(),
                                row.worse(),
                                row.samples(),
                                100 * row.best()));
            }
            return text.append("missed: ").append(missed).append('\n').toString();
        }
    }

    /**
     * Measures.
     *
     * @param scenes their indices in the split
     * @param seeds of the generated candidates
     * @param folder for videos, emptied by the caller
     * @param progress told after each scene
     */
    public List<Case> cases(
            List<Integer> scenes,
            List<Long> seeds,
            int steps,
            Path folder,
            Consumer<String> progress) {
        var cases = new ArrayList<Case>();
        try (Generator generator = Generator.load(models, device, steps, false);
                Judgement judgement = new Judgement(models, folder, device, threads)) {
            for (int i : scenes) {
                Scene scene = SceneMaker.scene(split.seed(i));
                Truth truth = new Truth(scene, generator.frames());
                var clips =
                        generator.generate(
                                WrittenPrompts.ultraEnrich(scene),
                                truth.clip().frames().get(0),
                                seeds);
                cases.add(measured(i, "generated", scene, truth, clips, judgement));
                cases.add(measured(i, "frozen", scene, truth, rendered(scene, truth), judgement));
                progress.accept("scene " + i);
            }
        }
        return cases;
    }

    private static List<List<RgbImage>> rendered(Scene scene, Truth truth) {
        int frames = truth.clip().frames().size();
        return List.of(
                Corrupted.make(scene, Corruption.FREEZE, frames, 0.3f).clip().frames(),
                Corrupted.make(scene, Corruption.WRONG_DIRECTION, frames, 0.3f).clip().frames(),
                truth.clip().frames());
    }

    private static Case measured(
            int index,
            String kind,
            Scene scene,
            Truth truth,
            List<List<RgbImage>> clips,
            Judgement judgement) {
        var ranked =
                judgement.rank(
                        scene,
                        truth,
                        Prompts.verbose(scene, index % 4),
                        WrittenPrompts.ultraEnrich(scene),
                        clips);
        var candidates = ranked.result().candidates();
        return new Case(
                index,
                kind,
                candidates.stream().map(CandidateScore::composite).toList(),
                // A list of the JDK that takes nulls: what is unknown stays so.
                new ArrayList<>(candidates.stream().map(CandidateScore::motion).toList()),
                ranked.qualities());
    }

    /**
     * The choice of each weight.
     *
     * @param minSpread of the ranking: below it the default wins
     */
    public static List<Row> rows(List<Case> cases, double minSpread) {
        var rows = new ArrayList<Row>();
        for (String kind : List.of("generated", "frozen")) {
            var mine = cases.stream().filter(c -> c.kind().equals(kind)).toList();
            for (double weight : mine.isEmpty() ? List.<Double>of() : WEIGHTS) {
                rows.add(row(kind, weight, mine, minSpread));
            }
        }
        return rows;
    }

    private static Row row(String kind, double weight, List<Case> cases, double minSpread) {
        var without = new double[cases.size()];
        var with = new double[cases.size()];
        int better = 0;
        int worse = 0;
        int best = 0;
        for (int i = 0; i < with.length; i++) {
            Case one = cases.get(i);
            without[i] = one.quality().get(winner(one, 0, minSpread));
            with[i] = one.quality().get(winner(one, weight, minSpread));
            better += with[i] > without[i] + SAME ? 1 : 0;
            worse += with[i] < without[i] - SAME ? 1 : 0;
            double most = one.quality().stream().mapToDouble(q -> q).max().orElseThrow();
            best += with[i] > most - SAME ? 1 : 0;
        }
        var change = PairedDifference.of(without, with, Bootstrap.DEFAULT).difference();
        return new Row(
                kind,
                weight,
                with.length,
                java.util.Arrays.stream(with).average().orElseThrow(),
                change.mean(),
                change.low(),
                change.high(),
                better,
                worse,
                (double) best / with.length);
    }

    /** As the ranking chooses; the first candidate is the default. */
    static int winner(Case one, double weight, double minSpread) {
        int count = one.composite().size();
        var scores = new double[count];
        for (int i = 0; i < count; i++) {
            Double motion = one.motion().get(i);
            scores[i] =
                    one.composite().get(i) + weight * (motion == null ? UNKNOWN_MOTION : motion);
        }
        return Choice.among(
                        IntStream.range(0, count).mapToObj(i -> "candidate " + i).toList(),
                        scores,
                        IntStream.range(0, count).toArray(),
                        minSpread)
                .index();
    }

    /** Weights whose winners are not better where the generator made the candidates. */
    public static List<String> missed(List<Row> rows) {
        return rows.stream()
                .filter(r -> r.kind().equals("generated") && r.weight() > 0 && r.low() <= 0)
                .map(
                        r ->
                                String.format(
                                        Locale.ROOT,
                                        "weight %.2f: winners among generated candidates are not"
                                                + " shown to be better (%+.4f, %+.4f to %+.4f)",
                                        r.weight(),
                                        r.gain(),
                                        r.low(),
                                        r.high()))
                .toList();
    }
}
