package dev.reelrank.console.facts;

import dev.reelrank.pipeline.event.ProgressReported;
import java.util.List;
import java.util.TreeMap;

/**
 * The steps of one training. Begins anew when other work of the same name reports, and keeps a
 * bounded number of steps: a curve needs no more. Not thread-safe: {@link Facts} guards it.
 */
final class Training {
    private static final int MOST_STEPS = 2_000;

    private final TreeMap<Integer, ProgressReported> steps = new TreeMap<>();
    private String workId = "";

    void take(ProgressReported step) {
        if (!step.work().workId().equals(workId)) {
            steps.clear();
            workId = step.work().workId();
        }
        steps.put(step.step(), step);
        if (steps.size() > MOST_STEPS) {
            thin();
        }
    }

    /** Every other step goes, and never the last. */
    private void thin() {
        int last = steps.lastKey();
        boolean[] keep = {false};
        steps.keySet()
                .removeIf(
                        step -> {
                            keep[0] = !keep[0];
                            return !keep[0] && step != last;
                        });
    }

    List<ProgressReported> steps() {
        return List.copyOf(steps.values());
    }
}
