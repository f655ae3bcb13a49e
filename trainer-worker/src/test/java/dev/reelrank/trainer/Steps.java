package dev.reelrank.trainer;

import dev.reelrank.worker.compute.BatchListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Hears the steps, and asks to end after some of them. */
class Steps implements BatchListener {
    private final int most;
    final List<Integer> steps = new ArrayList<>();
    final List<Map<String, Double>> figures = new ArrayList<>();

    Steps(int most) {
        this.most = most;
    }

    @Override
    public void progress(int item, int step, int of) {}

    @Override
    public void progress(int item, int step, int of, Map<String, Double> latest) {
        if (latest.containsKey("loss")) {
            steps.add(step);
            figures.add(latest);
        }
    }

    @Override
    public boolean cancelled() {
        return steps.size() >= most;
    }

    @Override
    public void loaded(String model, long millis) {}
}
