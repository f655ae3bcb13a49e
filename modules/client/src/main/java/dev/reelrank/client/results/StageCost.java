package dev.reelrank.client.results;

import dev.reelrank.pipeline.StageName;

/**
 * What a stage cost on one kind of device.
 *
 * @param stage whose work it was
 * @param deviceKind where it was computed, for example {@code cpu} or {@code cuda}
 * @param computed pieces of work that were computed
 * @param reused pieces of work whose results were stored or inherited; they cost nothing
 * @param runSeconds seconds that the device worked on the computed ones, without loading
 * @param loads how often a model was loaded for them
 * @param loadSeconds seconds of these loads
 * @param prunedSeconds of the run seconds, those of drafts that were not finished
 * @param drafts of the computed ones, those that only prepared a choice: drafts of candidates, and
 *     rankings of their previews
 * @param draftSeconds of the run seconds, those of drafts
 * @param failed attempts that came to nothing and took time
 * @param failedSeconds seconds that the device worked on those, not among the run seconds
 */
public record StageCost(
        StageName stage,
        String deviceKind,
        int computed,
        int reused,
        double runSeconds,
        int loads,
        double loadSeconds,
        double prunedSeconds,
        int drafts,
        double draftSeconds,
        int failed,
        double failedSeconds) {
    /** Nothing pruned, nothing failed. */
    public StageCost(
            StageName stage,
            String deviceKind,
            int computed,
            int reused,
            double runSeconds,
            int loads,
            double loadSeconds) {
        this(stage, deviceKind, computed, reused, runSeconds, loads, loadSeconds, 0, 0, 0, 0, 0);
    }

    /** Whether the device is a GPU. */
    public boolean onGpu() {
        return !deviceKind.equals("cpu");
    }

    /** Seconds of the device, loading and failed work included. */
    public double seconds() {
        return runSeconds + loadSeconds + failedSeconds;
    }

    /** Mean seconds per draft, without loading; 0 without any. */
    public double secondsEachDraft() {
        return drafts == 0 ? 0 : draftSeconds / drafts;
    }

    /** Mean seconds per computed piece of work that is no draft, without loading; 0 without any. */
    public double secondsEachWhole() {
        return computed == drafts ? 0 : (runSeconds - draftSeconds) / (computed - drafts);
    }

    /** Mean seconds that failed attempts add to each computed piece of work; 0 without any. */
    public double failedSecondsEach() {
        return computed == 0 ? 0 : failedSeconds / computed;
    }

    /** Mean seconds per computed piece of work, without loading; 0 without any. */
    public double secondsEach() {
        return computed == 0 ? 0 : runSeconds / computed;
    }
}
