package dev.reelrank.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Resident memory of one process over time.
 *
 * <p>A single sample says little: a collection of garbage has just been, or is just due. What is
 * compared is the mean of the first and of the last part of the samples after the start.
 */
final class Memory {
    private record Sample(double minute, long pid, double mib) {}

    private static final double PART = 0.25;

    private final List<Sample> samples = new ArrayList<>();

    /**
     * Takes a sample.
     *
     * @param minute since the beginning
     */
    void sample(double minute, long pid) throws IOException {
        samples.add(new Sample(minute, pid, resident(pid)));
    }

    private static double resident(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        throw new IOException("process " + pid + " does not say how much memory it has");
    }

    /**
     * What the samples say.
     *
     * @param processes how many there were one after the other; figures of several mean nothing
     * @param startMib at the first sample
     * @param fromMib mean of the first quarter of the samples after the warm-up
     * @param toMib mean of the last quarter
     * @param growth of the second over the first, 0.01 is one per cent
     * @param everyMinute resident memory, MiB, one figure a minute
     */
    record Figures(
            int processes,
            double startMib,
            double fromMib,
            double toMib,
            double growth,
            List<Double> everyMinute) {}

    /**
     * @param warmUp minutes that do not count
     */
    Figures figures(double warmUp) {
        int processes = (int) samples.stream().map(Sample::pid).distinct().count();
        List<Sample> counted = samples.stream().filter(s -> s.minute() >= warmUp).toList();
        int part = Math.max(1, (int) (counted.size() * PART));
        double from = mean(counted.subList(0, Math.min(part, counted.size())));
        double to = mean(counted.subList(Math.max(0, counted.size() - part), counted.size()));
        return new Figures(
                processes,
                samples.isEmpty() ? 0 : rounded(samples.get(0).mib()),
                rounded(from),
                rounded(to),
                from == 0 ? 0 : Math.round((to / from - 1) * 10_000) / 10_000.0,
                everyMinute());
    }

    private List<Double> everyMinute() {
        var figures = new ArrayList<Double>();
        int next = 0;
        for (Sample sample : samples) {
            if (sample.minute() >= next) {
                figures.add(rounded(sample.mib()));
                next = (int) sample.minute() + 1;
            }
        }
        return figures;
    }

    private static double mean(List<Sample> of) {
        return of.stream().mapToDouble(Sample::mib).average().orElse(0);
    }

    private static double rounded(double mib) {
        return Math.round(mib * 10) / 10.0;
    }
}
