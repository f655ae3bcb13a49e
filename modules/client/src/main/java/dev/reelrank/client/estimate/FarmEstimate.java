package dev.reelrank.client.estimate;

import dev.reelrank.client.results.RunCost;
import dev.reelrank.client.results.StageCost;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * How long a run would take on a farm of a given size, from what an earlier run cost.
 *
 * <p>Each device is one queue that does one thing at a time and loads each stage's model once. A
 * free device takes the next piece of work that is ready; a sample's candidates are ready after its
 * prompt, its ranking after all of its candidates, its grade after the ranking. Every piece of work
 * of a stage takes the stage's mean. Waiting for Kafka and for downloads is not in it.
 *
 * @param makespanSeconds from the first piece of work to the last
 * @param gpuHours of all GPUs together, loading included
 */
public record FarmEstimate(double makespanSeconds, double gpuHours) {
    private static final List<StageName> ORDER =
            List.of(StageName.PROMPT, StageName.CANDIDATE, StageName.RANKING, StageName.GRADE);

    /** A piece of work that can begin. */
    private record Ready(double at, int sample, int stage) {}

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
        double run(Ready work, double each, double load) {
            double[] device = free.remove();
            int index = (int) device[1];
            double start = Math.max(device[0], work.at());
            if (!loaded[index][work.stage()]) {
                loaded[index][work.stage()] = true;
                start += load;
            }
            device[0] = start + each;
            free.add(device);
            return device[0];
        }
    }

    /**
     * Estimates a run.
     *
     * @param earlier what an earlier run with equal settings cost
     * @param samples at least 1
     * @param seeds per sample, at least 1
     * @param gpus at least 1; stages that the earlier run computed on CPUs get as many CPU workers
     * @throws StageException INVALID_CONFIG if the earlier run did not compute any candidate
     */
    public static FarmEstimate of(RunCost earlier, int samples, int seeds, int gpus) {
        if (samples < 1 || seeds < 1 || gpus < 1) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "samples, seeds and GPUs must be at least 1, were %d, %d and %d"
                            .formatted(samples, seeds, gpus));
        }
        var costs = ORDER.stream().map(stage -> paid(earlier, stage)).toList();
        if (costs.get(ORDER.indexOf(StageName.CANDIDATE)).computed() == 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the earlier run computed no candidate, it only reused stored ones: name another one with --run");
        }
        var onGpus = new Pool(gpus);
        var onCpus = new Pool(gpus);
        var ready =
                new PriorityQueue<Ready>(
                        Comparator.comparingDouble(Ready::at)
                                .thenComparingInt(Ready::sample)
                                .thenComparingInt(Ready::stage));
        int[] open = new int[samples];
        double[] last = new double[samples];
        for (int sample = 0; sample < samples; sample++) {
            ready.add(new Ready(0, sample, 0));
            open[sample] = seeds;
        }
        double end = 0;
        while (!ready.isEmpty()) {
            Ready work = ready.remove();
            StageCost cost = costs.get(work.stage());
            double load = cost.loads() == 0 ? 0 : cost.loadSeconds() / cost.loads();
            double done = (cost.onGpu() ? onGpus : onCpus).run(work, cost.secondsEach(), load);
            end = Math.max(end, done);
            StageName stage = ORDER.get(work.stage());
            if (stage.equals(StageName.PROMPT)) {
                for (int seed = 0; seed < seeds; seed++) {
                    ready.add(new Ready(done, work.sample(), work.stage() + 1));
                }
            } else if (stage.equals(StageName.CANDIDATE)) {
                last[work.sample()] = Math.max(last[work.sample()], done);
                if (--open[work.sample()] == 0) {
                    ready.add(new Ready(last[work.sample()], work.sample(), work.stage() + 1));
                }
            } else if (stage.equals(StageName.RANKING)) {
                ready.add(new Ready(done, work.sample(), work.stage() + 1));
            }
        }
        return new FarmEstimate(end, gpuSeconds(costs, samples, seeds, gpus) / 3600);
    }

    private static double gpuSeconds(List<StageCost> costs, int samples, int seeds, int gpus) {
        double sum = 0;
        for (StageCost cost : costs) {
            if (cost.onGpu()) {
                int pieces = samples * (cost.stage().equals(StageName.CANDIDATE) ? seeds : 1);
                double load = cost.loads() == 0 ? 0 : cost.loadSeconds() / cost.loads();
                sum += pieces * cost.secondsEach() + Math.min(gpus, pieces) * load;
            }
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
