package dev.reelrank.dqa;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GradeResult.PhaseMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs phases one after another over a chunk of videos: each loads its models once, looks at every
 * video, and releases everything before the next begins, so that the largest phase decides the
 * memory, not their sum.
 */
final class Grading {
    private static final Logger LOG = LoggerFactory.getLogger(Grading.class);

    private final List<GradingPhase> phases;
    private final double budgetGib;

    /**
     * @throws StageException INVALID_CONFIG if a phase needs more than the budget; nothing was
     *     loaded then
     */
    Grading(List<GradingPhase> phases, double budgetGib) {
        this.phases = List.copyOf(phases);
        this.budgetGib = budgetGib;
        for (GradingPhase phase : phases) {
            if (phase.needGib() > budgetGib) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "the %s phase of grading needs %.1f GiB, but the memory budget is %.1f GiB: raise grade.memoryBudgetGib (--memory-budget) or use smaller models"
                                .formatted(phase.name(), phase.needGib(), budgetGib));
            }
        }
    }

    /**
     * @param finished told how many phases are
     * @param cancelled asked between phases
     * @return what each phase needed, in order (none where every item had failed before); empty if
     *     cancelled
     */
    Optional<List<PhaseMemory>> run(
            List<Item> items,
            Device device,
            int cores,
            IntConsumer finished,
            BooleanSupplier cancelled) {
        List<PhaseMemory> memory = new ArrayList<>();
        if (items.stream().allMatch(item -> item.failure != null)) {
            // For example while the store is away: nothing is loaded to look at nothing.
            return Optional.of(memory);
        }
        for (GradingPhase phase : phases) {
            if (cancelled.getAsBoolean()) {
                return Optional.empty();
            }
            memory.add(run(phase, items, device, cores));
            finished.accept(memory.size());
        }
        return Optional.of(memory);
    }

    private PhaseMemory run(GradingPhase phase, List<Item> items, Device device, int cores) {
        long begin = System.nanoTime();
        try (var loaded = phase.load(device, cores)) {
            long ready = System.nanoTime();
            look(phase, loaded, items);
            var use = loaded.memory();
            var memory =
                    new PhaseMemory(
                            phase.name(),
                            (ready - begin) / 1_000_000,
                            (System.nanoTime() - ready) / 1_000_000,
                            use.allocated() >> 20,
                            use.peak() >> 20);
            LOG.info(
                    "phase {}: loaded in {} ms, {} videos in {} ms; {} MiB allocated, {} MiB at the peak, {} GiB declared of {} GiB",
                    phase.name(),
                    memory.loadMillis(),
                    items.size(),
                    memory.runMillis(),
                    memory.allocatedMib(),
                    memory.peakMib(),
                    Details.round(phase.needGib()),
                    budgetGib);
            return memory;
        }
    }

    private static void look(GradingPhase phase, GradingPhase.Loaded loaded, List<Item> items) {
        int lanes = Math.min(loaded.lanes(), items.size());
        if (lanes < 2) {
            items.forEach(item -> look(phase, loaded, item));
            return;
        }
        var threads = Executors.newFixedThreadPool(lanes);
        try {
            var looked =
                    items.stream().map(i -> threads.submit(() -> look(phase, loaded, i))).toList();
            for (Future<?> one : looked) {
                one.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in a phase of the grading", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } finally {
            threads.shutdownNow();
        }
    }

    private static void look(GradingPhase phase, GradingPhase.Loaded loaded, Item item) {
        if (item.failure != null) {
            return;
        }
        try {
            loaded.look(item);
        } catch (StageException e) {
            // Whatever the cause: the item ends with this code, the others continue.
            item.failure = e;
        } catch (RuntimeException e) {
            // A fault of ours that this video brought to light; the rest of the chunk has none.
            item.failure =
                    new StageException(
                            FailureCode.INTERNAL_ERROR,
                            "the %s phase failed on %s: %s".formatted(phase.name(), item.video, e),
                            e);
        }
    }
}
