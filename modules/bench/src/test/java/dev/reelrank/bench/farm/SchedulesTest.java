package dev.reelrank.bench.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.farm.Schedules.Worker;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SchedulesTest {
    private static final List<Worker> TWO = List.of(Worker.SOUND, Worker.SOUND);

    @Test
    void shouldGiveTheNextToWhoeverIsFree() {
        // Load 10; then 1: 5, 1, 1 (17) and 2: 3, 4 (17).
        assertThat(Schedules.list(List.of(5.0, 3.0, 4.0, 1.0, 1.0), TWO, 10)).isEqualTo(17);
    }

    @Test
    void shouldDoAgainWhatADyingWorkerHadInHand() {
        var dies = List.of(new Worker(1, 12), Worker.SOUND);
        // 1 loads until 10 and dies at 12 over the first; 2: second 10-15, first again 15-20.
        assertThat(Schedules.list(List.of(5.0, 5.0), dies, 10)).isEqualTo(20);
    }

    @Test
    void shouldLetASlowWorkerTakeLonger() {
        var slow = List.of(Worker.SOUND, new Worker(2, Double.POSITIVE_INFINITY));
        // 1: 0-4, 4-8, 8-12; 2 loads nothing, 0-8.
        assertThat(Schedules.list(List.of(4.0, 4.0, 4.0, 4.0), slow, 0)).isEqualTo(12);
    }

    @Test
    void shouldDealChunksOutInTurn() {
        var samples = List.of(List.of(1.0, 1.0), List.of(9.0), List.of(1.0));
        // 1: samples 0 and 2; 2: sample 1.
        assertThat(Schedules.chunks(samples, TWO, 10)).isEqualTo(19);
    }

    @Test
    void shouldStartWhatADeadChunkLeavesAnew() {
        var dies = List.of(new Worker(1, 11), Worker.SOUND);
        var samples = List.of(List.of(1.0, 4.0), List.of(2.0));
        // 1 ends with the 1; 2 ends at 12, loads until 22, does the 4.
        assertThat(Schedules.chunks(samples, dies, 10)).isEqualTo(26);
    }
}
