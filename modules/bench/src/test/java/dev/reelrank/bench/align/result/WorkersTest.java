package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.train.LearningRate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class WorkersTest {
    private static final List<Integer> ITEMS = IntStream.range(0, 40).boxed().toList();

    /** Models that count how many of them are open. */
    private record Counted(AtomicInteger open) implements AutoCloseable {
        @Override
        public void close() {
            open.decrementAndGet();
        }
    }

    private final AtomicInteger open = new AtomicInteger();

    private Counted models(Device place) {
        open.incrementAndGet();
        return new Counted(open);
    }

    @Test
    void shouldDoEveryItemOnceOnSeveralThreads() {
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        Set<String> threads = ConcurrentHashMap.newKeySet();
        var all = new CountDownLatch(3);
        new Workers(List.of(Device.CPU), 3)
                .each(
                        ITEMS,
                        place -> {
                            all.countDown();
                            return models(place);
                        },
                        (models, item) -> {
                            waitFor(all);
                            threads.add(Thread.currentThread().getName());
                            assertThat(done.add(item)).isTrue();
                        });
        assertThat(done).containsExactlyInAnyOrderElementsOf(ITEMS);
        assertThat(threads).hasSizeBetween(1, 3);
        assertThat(open).hasValue(0);
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldShareOutDevicesInTurn() {
        var workers = new Workers(List.of(Device.parse("cuda:0"), Device.parse("cuda:1")), 2);
        assertThat(workers.places())
                .extracting(Device::toString)
                .containsExactly("cuda:0", "cuda:1", "cuda:0", "cuda:1");
    }

    @Test
    void shouldEndWithTheFirstFailureAndFreeEveryModel() {
        var workers = new Workers(List.of(Device.CPU), 2);
        var begun = new AtomicInteger();
        assertThatThrownBy(
                        () ->
                                workers.each(
                                        ITEMS,
                                        this::models,
                                        (models, item) -> {
                                            begun.incrementAndGet();
                                            if (item == 1) {
                                                throw new StageException(
                                                        FailureCode.INVALID_SAMPLE, "item 1");
                                            }
                                        }))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("item 1");
        assertThat(begun.get()).isLessThanOrEqualTo(ITEMS.size());
        assertThat(open).hasValue(0);
    }

    @Test
    void shouldStopWhenThereIsEnough() {
        var done = new AtomicInteger();
        new Workers(List.of(Device.CPU), 1)
                .each(
                        ITEMS,
                        () -> done.get() >= 5,
                        this::models,
                        (models, item) -> done.incrementAndGet());
        assertThat(done).hasValue(5);
    }

    @Test
    void shouldChangeARecipeByName() {
        var changed =
                Recipes.WORN.with(
                        Map.of(
                                "networks", "high",
                                "targets", "self",
                                "rank", "2",
                                "decay", "cosine",
                                "warmup", "4",
                                "timesteps", "uniform",
                                "ownNoise", "0.5"));
        assertThat(changed)
                .isEqualTo(
                        new Recipe(
                                List.of(Recipe.HIGH),
                                Recipe.SELF_ATTENTION,
                                2,
                                Recipes.WORN.learningRate(),
                                LearningRate.Shape.COSINE,
                                4,
                                Recipes.WORN.beta(),
                                Recipes.WORN.supervised(),
                                Recipes.WORN.steps(),
                                Recipes.WORN.passes(),
                                Recipe.UNIFORM,
                                0.5));
        assertThatThrownBy(() -> Recipes.WORN.with(Map.of("ranks", "2")))
                .hasMessageContaining("--recipe ranks=2: it may be one of")
                .hasMessageContaining("pairsPerStep");
        assertThat(Recipes.WORN.with(Map.of("timesteps", "3,4")).config(1).timesteps().only())
                .as("the first two of the low-noise expert")
                .hasSize(2)
                .allSatisfy(t -> assertThat(t).isBetween(800.0, 900.0));
        assertThatThrownBy(() -> Recipes.WORN.with(Map.of("timesteps", "8")))
                .hasMessageContaining("places of the schedule, 0 to 7");
        assertThatThrownBy(() -> Recipes.WORN.with(Map.of("networks", "middle")))
                .hasMessageContaining("[both, high, low]");
    }
}
