package dev.reelrank.client.estimate;

import dev.reelrank.client.results.RunCost;
import dev.reelrank.client.results.StageCost;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * How long a run would take on a farm of a given size, from what an earlier run cost.
 *
 * <p>Each device is one queue that does one thing at a time and loads each stage's model once. A
 * free device takes the next piece of work that is ready; a sample's candidates are ready after its
 * prompt, its ranking after all of its candidates, its grade after the ranking. With pruning,
 * drafts of all candidates and a ranking of their previews come before the candidates that are
 * kept. Every piece of work takes the mean of its kind, and its share of what failed attempts took.
 * Waiting for Kafka and for downloads is not in it.
 *
 * @param makespanSeconds from the first piece of work to the last
 * @param gpuHours of all GPUs together, loading included
 */
public record FarmEstimate(double makespanSeconds, double gpuHours) {
    private static final List<StageName> ORDER =
            List.of(StageName.PROMPT, StageName.CANDIDATE, StageName.RANKING, StageName.GRADE);

    /** Each is scheduled by itself, so that memory bounds them. */
    private static final int MOST_CANDIDATES = 1_000_000;

    private static final int MOST_GPUS = 10_000;

    /** A piece of work that can begin; step is the place in the sample's way. */
    private record Ready(double at, int sample, int step) {}

    /** What every sample needs of one kind of work, before the next kind can begin. */
    private record Step(StageCost cost, int pieces, double each) {
        static Step of(StageCost cost, int pieces, double seconds) {
            return new Step(cost, pieces, seconds + cost.failedSecondsEach());
        }

        double load() {
            return cost.loads() == 0 ? 0 : cost.loadSeconds() / cost.loads();
        }
    }

    private static final class Pool {
        private final PriorityQueue<double[]> free =
                new PriorityQueue<>(
                        Comparator.<double[]>comparingDouble(d -> d[0])
                                .thenComparingDouble(d -> d[1]));
        private final boolean[][] loaded;

        Pool(int devices) {
            loaded = new boolean[devices][ORDER.size()];
            for (int i = 0; i < devices; i++) {
                free.add(new double[] {0, i});
            }
        }

        /** When a piece of work that is ready now would be done. */
        double run(Ready work, Step step) {
            int stage = ORDER.indexOf(step.cost().stage());
            double[] device = free.remove();
            int index = (int) device[1];
            double start = Math.max(device[0], work.at());
            if (!loaded[index][stage]) {
                loaded[index][stage] = true;
                start += step.load();
            }
            device[0] = start + step.each();
            free.add(device);
            return device[0];
        }
    }

    /** Estimates a run that finishes every candidate. */
    public static FarmEstimate of(RunCost earlier, int samples, int seeds, int gpus) {
        return of(earlier, samples, seeds, gpus, null);
    }

    /**
     * Estimates a run.
     *
     * @param earlier what an earlier run with equal settings cost
     * @param samples at least 1
     * @param seeds per sample, at least 1; samples times seeds are at most a million
     * @param gpus 1 to 10,000; stages that the earlier run computed on CPUs get as many CPU workers
     * @param prune which candidates are finished; null for all
     * @throws StageException INVALID_CONFIG for other numbers, and if the earlier run did not
     *     compute what is needed
     */
    public static FarmEstimate of(
            RunCost earlier, int samples, int seeds, int gpus, @Nullable Prune prune) {
        if (samples < 1 || seeds < 1 || gpus < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "samples, seeds and GPUs must be at least 1, were %d, %d and %d"
                            .formatted(samples, seeds, gpus));
        }
        if ((long) samples * seeds > MOST_CANDIDATES || gpus > MOST_GPUS) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%d samples × %d seeds on %d GPUs are too many to go through one by one: at most %d candidates and %d GPUs; a part of them tells as much"
                            .formatted(samples, seeds, gpus, MOST_CANDIDATES, MOST_GPUS));
        }
        var steps = steps(earlier, seeds, prune);
        var onGpus = new Pool(gpus);
        var onCpus = new Pool(gpus);
        var ready =
                new PriorityQueue<Ready>(
                        Comparator.comparingDouble(Ready::at)
                                .thenComparingInt(Ready::sample)
                                .thenComparingInt(Ready::step));
        int[] open = new int[samples];
        double[] last = new double[samples];
        for (int sample = 0; sample < samples; sample++) {
            ready.add(new Ready(0, sample, 0));
            open[sample] = 1;
        }
        double end = 0;
        while (!ready.isEmpty()) {
            Ready work = ready.remove();
            Step step = steps.get(work.step());
            int sample = work.sample();
            double done = (step.cost().onGpu() ? onGpus : onCpus).run(work, step);
            last[sample] = Math.max(last[sample], done);
            end = Math.max(end, done);
            if (--open[sample] == 0 && work.step() + 1 < steps.size()) {
                open[sample] = steps.get(work.step() + 1).pieces();
                for (int piece = 0; piece < open[sample]; piece++) {
                    ready.add(new Ready(last[sample], sample, work.step() + 1));
                }
            }
        }
        return new FarmEstimate(end, gpuSeconds(steps, samples, gpus) / 3600);
    }

    /**
     * Whether an earlier run computed what an estimate needs: candidates to their end, and drafts
     * if some are pruned. What it found in the store says nothing of their time.
     */
    public static boolean servedBy(RunCost earlier, int seeds, @Nullable Prune prune) {
        StageCost candidate = paid(earlier, StageName.CANDIDATE);
        boolean drafts = candidate.drafts() > 0 || finished(seeds, prune) == seeds;
        return candidate.computed() > candidate.drafts() && drafts;
    }

    private static int finished(int seeds, @Nullable Prune prune) {
        return prune == null ? seeds : Math.min(seeds, prune.kept());
    }

    /** The way of a sample. */
    private static List<Step> steps(RunCost earlier, int seeds, @Nullable Prune prune) {
        StageCost candidate = paid(earlier, StageName.CANDIDATE);
        StageCost ranking = paid(earlier, StageName.RANKING);
        StageCost prompt = paid(earlier, StageName.PROMPT);
        StageCost grade = paid(earlier, StageName.GRADE);
        if (candidate.computed() == 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the earlier run computed no candidate, it only reused stored ones: name another one with --run");
        }
        int finished = finished(seeds, prune);
        boolean prunes = finished < seeds;
        if (!servedBy(earlier, seeds, prune)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    prunes
                            ? "the earlier run has no candidates that paused and went on: name one with the same candidate.prune with --run, or run two samples with it first"
                            : "the earlier run computed drafts only and finished none of them: name another one with --run");
        }
        var steps = new ArrayList<Step>();
        steps.add(Step.of(prompt, 1, prompt.secondsEach()));
        if (prunes) {
            steps.add(Step.of(candidate, seeds, candidate.secondsEachDraft()));
            steps.add(Step.of(ranking, 1, ranking.secondsEachDraft()));
        }
        // What a pruned run finished began with a draft.
        double whole = candidate.secondsEachWhole() + (prunes ? 0 : candidate.secondsEachDraft());
        steps.add(Step.of(candidate, finished, whole));
        steps.add(Step.of(ranking, 1, ranking.secondsEachWhole()));
        steps.add(Step.of(grade, 1, grade.secondsEach()));
        return steps;
    }

    private static double gpuSeconds(List<Step> steps, int samples, int gpus) {
        double sum = 0;
        for (StageName stage : ORDER) {
            int pieces = 0;
            double load = 0;
            for (Step step : steps) {
                if (step.cost().stage().equals(stage) && step.cost().onGpu()) {
                    sum += samples * step.pieces() * step.each();
                    pieces += samples * step.pieces();
                    load = step.load();
                }
            }
            sum += Math.min(gpus, pieces) * load;
        }
        return sum;
    }

    /** What a stage cost where most of it was computed; free if it was not computed at all. */
    private static StageCost paid(RunCost earlier, StageName stage) {
        return earlier.stages().stream()
                .filter(s -> s.stage().equals(stage))
                .max(Comparator.comparingInt(StageCost::computed))
                .orElse(new StageCost(stage, "cpu", 0, 0, 0, 0, 0));
    }
}
