package dev.reelrank.console.arena;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Strengths of contenders from paired comparisons: P(i beats j) = sᵢ / (sᵢ + sⱼ) (Bradley and
 * Terry, 1952), fitted by Hunter's minorise-maximise steps (2004). A tie counts half for each.
 * Every contender also has half a win and half a loss against an average one, so that nobody who
 * has only won is infinitely strong.
 */
final class BradleyTerry {
    private static final int RESAMPLES = 1_000;
    private static final long SEED = 20_260_101;
    private static final int STEPS = 500;
    private static final double PRECISION = 1e-9;
    private static final double PRIOR = 0.5;

    private BradleyTerry() {}

    /**
     * One comparison.
     *
     * @param share of the win that the first one has: 1, 0.5 for a tie, 0
     */
    record Comparison(int first, int second, double share) {}

    /**
     * How likely a contender beats an average one, 0..1, with its 95 % interval over resamples of
     * the comparisons.
     */
    record Strength(double probability, double low, double high) {}

    /**
     * @param contenders their number; comparisons name them from 0
     */
    static List<Strength> of(int contenders, List<Comparison> comparisons) {
        double[] fitted = fit(contenders, comparisons);
        double[][] drawn = new double[contenders][RESAMPLES];
        var random = new SplittableRandom(SEED);
        for (int r = 0; r < RESAMPLES; r++) {
            var sample =
                    random.ints(comparisons.size(), 0, Math.max(1, comparisons.size()))
                            .mapToObj(comparisons::get)
                            .toList();
            double[] strengths = fit(contenders, sample);
            for (int i = 0; i < contenders; i++) {
                drawn[i][r] = strengths[i];
            }
        }
        var result = new Strength[contenders];
        for (int i = 0; i < contenders; i++) {
            Arrays.sort(drawn[i]);
            result[i] =
                    new Strength(
                            fitted[i],
                            drawn[i][(int) Math.floor(0.025 * (RESAMPLES - 1))],
                            drawn[i][(int) Math.ceil(0.975 * (RESAMPLES - 1))]);
        }
        return List.of(result);
    }

    /** The probabilities against an average contender. */
    static double[] fit(int contenders, List<Comparison> comparisons) {
        double[] wins = new double[contenders];
        double[][] games = new double[contenders][contenders];
        Arrays.fill(wins, PRIOR);
        for (Comparison c : comparisons) {
            wins[c.first()] += c.share();
            wins[c.second()] += 1 - c.share();
            games[c.first()][c.second()]++;
            games[c.second()][c.first()]++;
        }
        double[] strength = new double[contenders];
        Arrays.fill(strength, 1);
        for (int step = 0; step < STEPS; step++) {
            double moved = 0;
            for (int i = 0; i < contenders; i++) {
                double sum = 2 * PRIOR / (strength[i] + 1);
                for (int j = 0; j < contenders; j++) {
                    sum += games[i][j] / (strength[i] + strength[j]);
                }
                double next = wins[i] / sum;
                moved = Math.max(moved, Math.abs(next - strength[i]) / strength[i]);
                strength[i] = next;
            }
            if (moved < PRECISION) {
                break;
            }
        }
        return Arrays.stream(strength).map(s -> s / (s + 1)).toArray();
    }
}
