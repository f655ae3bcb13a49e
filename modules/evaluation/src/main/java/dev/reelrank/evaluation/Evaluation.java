package dev.reelrank.evaluation;

import dev.reelrank.evaluation.look.Clip;
import dev.reelrank.evaluation.look.Look;
import dev.reelrank.evaluation.look.Wanted;
import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures a chunk of videos, look by look: each loads its models once, sees every video, and
 * releases everything before the next begins, so that the largest look decides the memory.
 */
public final class Evaluation {
    private final List<Look> looks;
    private final double budgetGib;

    /**
     * @param looks in the order in which they run
     * @throws StageException INVALID_CONFIG if one needs more than the budget; nothing was loaded
     *     then
     */
    public Evaluation(List<Look> looks, double budgetGib) {
        this.looks = List.copyOf(looks);
        this.budgetGib = budgetGib;
    }

    private static final class Item {
        private final @Nullable Clip clip;
        private final Map<String, Measurement> measured = new LinkedHashMap<>();
        private @Nullable StageException failure;

        Item(@Nullable Clip clip, @Nullable StageException failure) {
            this.clip = clip;
            this.failure = failure;
        }
    }

    /** A video, or why it could not even be opened. */
    public record Input(@Nullable Clip clip, @Nullable StageException failure) {
        /** A video. */
        public static Input of(Clip clip) {
            return new Input(clip, null);
        }

        /** None. */
        public static Input failed(StageException why) {
            return new Input(null, why);
        }
    }

    /**
     * Measures.
     *
     * @param finished told how many of the looks are done
     * @param cancelled asked between two looks
     * @return in the order of the videos; empty if cancelled
     */
    public Optional<List<Evaluated>> run(
            List<Input> videos,
            Wanted wanted,
            Device device,
            int cores,
            IntConsumer finished,
            BooleanSupplier cancelled) {
        List<Item> items = videos.stream().map(v -> new Item(v.clip(), v.failure())).toList();
        int done = 0;
        for (Look look : looks) {
            if (cancelled.getAsBoolean()) {
                return Optional.empty();
            }
            run(look, items, wanted, device, cores);
            finished.accept(++done);
        }
        return Optional.of(
                items.stream()
                        .map(
                                item ->
                                        new Evaluated(
                                                item.failure == null ? item.measured : Map.of(),
                                                item.failure))
                        .toList());
    }

    /** How many looks there are. */
    public int size() {
        return looks.size();
    }

    private void run(Look look, List<Item> items, Wanted wanted, Device device, int cores) {
        boolean asked =
                look.metrics().stream().anyMatch(m -> wanted.metrics().contains(m.info().name()));
        // For example while the store is away: nothing is loaded to look at nothing.
        if (!asked || items.stream().allMatch(item -> item.failure != null)) {
            return;
        }
        String missing = look.missing();
        if (missing != null) {
            items.forEach(item -> item.measured.putAll(none(look, wanted, missing)));
            return;
        }
        if (look.needGib() > budgetGib) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the %s models of the evaluation need %.1f GiB, but the memory budget is %.1f GiB: raise evaluate.memoryBudgetGib (--memory-budget) or use smaller models"
                            .formatted(look.name(), look.needGib(), budgetGib));
        }
        try (var loaded = look.load(wanted, device, cores)) {
            look(look, loaded, items);
        }
    }

    private static Map<String, Measurement> none(Look look, Wanted wanted, String reason) {
        var none = new LinkedHashMap<String, Measurement>();
        for (Metric<?> metric : look.metrics()) {
            if (wanted.metrics().contains(metric.info().name())) {
                none.put(metric.info().name(), metric.not(reason));
            }
        }
        return none;
    }

    private static void look(Look look, Look.Loaded loaded, List<Item> items) {
        int lanes = Math.min(loaded.lanes(), items.size());
        if (lanes < 2) {
            oneByOne(look, loaded, items);
            return;
        }
        var threads = Executors.newFixedThreadPool(lanes);
        try {
            var looks = new ArrayList<Future<?>>();
            for (Item item : items) {
                looks.add(threads.submit(() -> look(look, loaded, item)));
            }
            for (Future<?> one : looks) {
                one.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while evaluating", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } finally {
            threads.shutdownNow();
        }
    }

    private static void oneByOne(Look look, Look.Loaded loaded, List<Item> items) {
        for (int i = 0; i < items.size(); i++) {
            Item after = i + 1 < items.size() ? items.get(i + 1) : null;
            if (after != null && after.failure == null && after.clip != null) {
                loaded.next(after.clip);
            }
            look(look, loaded, items.get(i));
        }
    }

    private static void look(Look look, Look.Loaded loaded, Item item) {
        Clip clip = item.clip;
        if (item.failure != null || clip == null) {
            return;
        }
        try {
            item.measured.putAll(loaded.look(clip));
        } catch (StageException e) {
            // Whatever the cause: the video ends with this code, the others continue.
            item.failure = e;
        } catch (RuntimeException e) {
            // A fault of ours that this video brought to light; the rest of the chunk has none.
            item.failure =
                    new StageException(
                            FailureCode.INTERNAL_ERROR,
                            "the %s look failed on %s: %s".formatted(look.name(), clip.video(), e),
                            e);
        }
    }
}
