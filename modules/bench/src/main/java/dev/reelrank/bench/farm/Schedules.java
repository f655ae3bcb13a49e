package dev.reelrank.bench.farm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The makespan of the same candidates under schedules without any overhead. Times are seconds on
 * the farm's clock.
 */
final class Schedules {
    /**
     * A worker of the farm.
     *
     * @param slowness takes this many times as long as the others
     * @param diesAt when it is gone for good, infinite if never
     */
    record Worker(double slowness, double diesAt) {
        static final Worker SOUND = new Worker(1, Double.POSITIVE_INFINITY);
    }

    private record Turn(double free, int worker) {}

    /** Work that a death hands back. */
    private record Back(double at, double duration) {}

    private Schedules() {}

    /**
     * List scheduling: a free worker takes the next item; each loads once, before its first. What a
     * dying worker held is done again by the next free worker.
     */
    static double list(List<Double> durations, List<Worker> workers, double load) {
        var free =
                new PriorityQueue<Turn>(
                        Comparator.comparingDouble(Turn::free).thenComparingInt(Turn::worker));
        for (int i = 0; i < workers.size(); i++) {
            free.add(new Turn(load * workers.get(i).slowness(), i));
        }
        var end = 0.0;
        var waiting = new ArrayDeque<>(durations);
        var back = new PriorityQueue<Back>(Comparator.comparingDouble(Back::at));
        while (!waiting.isEmpty() || !back.isEmpty()) {
            var turn = free.remove();
            var worker = workers.get(turn.worker());
            if (turn.free() >= worker.diesAt()) {
                continue;
            }
            double start = turn.free();
            double duration;
            if (!back.isEmpty() && (back.peek().at() <= start || waiting.isEmpty())) {
                start = Math.max(start, back.peek().at());
                duration = back.remove().duration();
            } else {
                duration = waiting.remove();
            }
            var finish = start + duration * worker.slowness();
            if (finish > worker.diesAt()) {
                back.add(new Back(worker.diesAt(), duration));
                continue;
            }
            end = Math.max(end, finish);
            free.add(new Turn(finish, turn.worker()));
        }
        return end;
    }

    /**
     * IdentityFlow's chunks: samples are dealt out in turn beforehand, and each worker does its
     * own. The remaining work of a dead worker starts again, with a load, on the worker that ends
     * first.
     *
     * @param samples the candidates' durations by sample
     */
    static double chunks(List<List<Double>> samples, List<Worker> workers, double load) {
        var ends = new ArrayList<Double>();
        var left = new ArrayList<Double>();
        for (int w = 0; w < workers.size(); w++) {
            var worker = workers.get(w);
            var at = load * worker.slowness();
            var dead = false;
            for (int s = w; s < samples.size(); s += workers.size()) {
                for (var duration : samples.get(s)) {
                    var finish = at + duration * worker.slowness();
                    dead = dead || finish > worker.diesAt();
                    if (dead) {
                        left.add(duration);
                    } else {
                        at = finish;
                    }
                }
            }
            if (!dead) {
                ends.add(at);
            }
        }
        if (!left.isEmpty()) {
            var first = ends.stream().min(Double::compare).orElseThrow();
            ends.add(first + load + left.stream().mapToDouble(d -> d).sum());
        }
        return ends.stream().max(Double::compare).orElse(0.0);
    }
}
