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
     * What became of a chunk.
     *
     * @param items in the order of the chunk
     * @param memory what each phase needed, in order; none where every item had failed before
     */
    record Graded(List<Item> items, List<PhaseMemory> memory) {
        Graded {
            items = List.copyOf(items);
            memory = List.copyOf(memory);
        }
    }

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
     * Runs all phases over all items.
     *
     * @param finished told how many phases are
     * @param cancelled asked between phases
     * @return empty if cancelled
     */
    Optional<Graded> run(
            List<Item> chunk,
            Device device,
            int cores,
            IntConsumer finished,
            BooleanSupplier cancelled) {
        List<PhaseMemory> memory = new ArrayList<>();
        List<Item> items = chunk;
        if (items.stream().allMatch(item -> item.failure() != null)) {
            // For example while the store is away: nothing is loaded to look at nothing.
            return Optional.of(new Graded(items, memory));
        }
        for (GradingPhase phase : phases) {
            if (cancelled.getAsBoolean()) {
                return Optional.empty();
            }
            var looked = run(phase, items, device, cores);
            items = looked.items();
            memory.addAll(looked.memory());
            finished.accept(memory.size());
        }
        return Optional.of(new Graded(items, memory));
    }

    private Graded run(GradingPhase phase, List<Item> items, Device device, int cores) {
        long begin = System.nanoTime();
        try (var loaded = phase.load(device, cores)) {
            long ready = System.nanoTime();
            var looked = look(phase, loaded, items);
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
            return new Graded(looked, List.of(memory));
        }
    }

    private static List<Item> look(
            GradingPhase phase, GradingPhase.Loaded loaded, List<Item> items) {
        int lanes = Math.min(loaded.lanes(), items.size());
        if (lanes < 2) {
            return items.stream().map(item -> look(phase, loaded, item)).toList();
        }
        var threads = Executors.newFixedThreadPool(lanes);
        try {
            var looks =
                    items.stream().map(i -> threads.submit(() -> look(phase, loaded, i))).toList();
            var looked = new ArrayList<Item>();
            for (Future<Item> one : looks) {
                looked.add(one.get());
            }
            return looked;
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

    private static Item look(GradingPhase phase, GradingPhase.Loaded loaded, Item item) {
        if (item.failure() != null) {
            return item;
        }
        try {
            return item.with(loaded.look(item));
        } catch (StageException e) {
            // Whatever the cause: the item ends with this code, the others continue.
            return item.with(e);
        } catch (RuntimeException e) {
            // A fault of ours that this video brought to light; the rest of the chunk has none.
            return item.with(
                    new StageException(
                            FailureCode.INTERNAL_ERROR,
                            "the %s phase failed on %s: %s"
                                    .formatted(phase.name(), item.video().video(), e),
                            e));
        }
    }
}
