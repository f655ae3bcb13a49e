package dev.reelrank.client.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.client.results.RunCost;
import dev.reelrank.client.results.StageCost;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FarmEstimateTest {
    private static final RunCost EARLIER =
            new RunCost(
                    List.of(
                            new StageCost(StageName.PROMPT, "cuda", 2, 0, 4, 1, 10),
                            new StageCost(StageName.CANDIDATE, "cuda", 6, 0, 360, 2, 60),
                            new StageCost(StageName.RANKING, "cpu", 2, 0, 10, 1, 5),
                            new StageCost(StageName.GRADE, "cuda", 2, 0, 6, 1, 20)));

    @Test
    void shouldAddUpASampleOnOneGpu() {
        var estimate = FarmEstimate.of(EARLIER, 1, 3, 1);
        // Prompt 10 + 2, candidates 30 + 3 × 60, ranking 5 + 5, grade 20 + 3.
        assertThat(estimate.makespanSeconds()).isEqualTo(12 + 210 + 10 + 23, within(1e-9));
        assertThat(estimate.gpuHours() * 3600).isEqualTo(12 + 210 + 23, within(1e-9));
    }

    @Test
    void shouldShareCandidatesOutAmongGpus() {
        double one = FarmEstimate.of(EARLIER, 70, 3, 1).makespanSeconds();
        double eight = FarmEstimate.of(EARLIER, 70, 3, 8).makespanSeconds();
        assertThat(one / eight).isBetween(7.0, 8.0);
    }

    @Test
    void shouldNotBeFasterThanTheWorkAllows() {
        for (int gpus = 1; gpus <= 16; gpus *= 2) {
            var estimate = FarmEstimate.of(EARLIER, 20, 3, gpus);
            assertThat(estimate.makespanSeconds())
                    .isGreaterThanOrEqualTo(20 * 3 * 60.0 / gpus)
                    .isGreaterThanOrEqualTo(12 + 90 + 10 + 23);
        }
    }

    @Test
    void shouldRefuseARunThatComputedNothing() {
        var reused =
                new RunCost(List.of(new StageCost(StageName.CANDIDATE, "cuda", 0, 6, 0, 0, 0)));
        assertThatThrownBy(() -> FarmEstimate.of(reused, 1, 1, 1))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("only reused stored ones");
        assertThatThrownBy(() -> FarmEstimate.of(EARLIER, 0, 1, 1))
                .hasMessageContaining("at least 1");
    }

    @Test
    void shouldRefuseMoreThanItCanGoThrough() {
        for (int[] many :
                new int[][] {
                    {Integer.MAX_VALUE, Integer.MAX_VALUE, 1},
                    {1_000_001, 1, 1},
                    {1, 1_000_001, 1},
                    {1, 1, 10_001}
                }) {
            assertThatThrownBy(() -> FarmEstimate.of(EARLIER, many[0], many[1], many[2]))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining(many[0] + " samples")
                    .hasMessageContaining("too many");
        }
        assertThat(FarmEstimate.of(EARLIER, 500_000, 2, 10_000).gpuHours()).isPositive();
    }

    /** Six drafts of 20 s and two finished candidates of 40 s; previews ranked in 4 s. */
    private static final RunCost PRUNED =
            new RunCost(
                    List.of(
                            new StageCost(StageName.PROMPT, "cuda", 1, 0, 2, 1, 10),
                            new StageCost(
                                    StageName.CANDIDATE,
                                    "cuda",
                                    8,
                                    0,
                                    200,
                                    1,
                                    30,
                                    80,
                                    6,
                                    120,
                                    1,
                                    16),
                            new StageCost(StageName.RANKING, "cpu", 2, 0, 9, 1, 5, 0, 1, 4, 0, 0),
                            new StageCost(StageName.GRADE, "cuda", 1, 0, 3, 1, 20)));

    @Test
    void shouldDraftAllRankPreviewsAndFinishTheBest() {
        var estimate = FarmEstimate.of(PRUNED, 1, 6, 1, new Prune(2, 2));
        // Failed attempts took 16 s, 2 s for each of eight pieces of work.
        double candidates = 30 + 6 * (20 + 2) + 2 * (40 + 2);
        assertThat(estimate.makespanSeconds())
                .isEqualTo(12 + candidates + (5 + 4) + 5 + 23, within(1e-9));
        assertThat(estimate.gpuHours() * 3600).isEqualTo(12 + candidates + 23, within(1e-9));
    }

    @Test
    void shouldTakeDraftAndRestTogetherWhereNothingIsPruned() {
        double all = FarmEstimate.of(PRUNED, 1, 6, 1).gpuHours();
        assertThat(all * 3600).isEqualTo(12 + 30 + 6 * (20 + 40 + 2) + 23, within(1e-9));
        assertThat(FarmEstimate.of(PRUNED, 1, 6, 1, new Prune(2, 6)).gpuHours()).isEqualTo(all);
        double pruned = FarmEstimate.of(PRUNED, 70, 6, 8, new Prune(2, 2)).makespanSeconds();
        assertThat(pruned).isLessThan(FarmEstimate.of(PRUNED, 70, 6, 8).makespanSeconds());
    }

    @Test
    void shouldAskForARunThatPrunedWherePruningIsWanted() {
        assertThatThrownBy(() -> FarmEstimate.of(EARLIER, 1, 6, 1, new Prune(2, 2)))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("candidate.prune");
    }

    /** Three drafts that were computed, of which the finished ones came from the store. */
    @Test
    void shouldNotTakeDraftsForWholeCandidates() {
        var drafts =
                new RunCost(
                        List.of(
                                new StageCost(
                                        StageName.CANDIDATE,
                                        "cuda",
                                        3,
                                        1,
                                        60,
                                        1,
                                        0,
                                        0,
                                        3,
                                        60,
                                        0,
                                        0)));
        for (var prune : new Prune[] {null, new Prune(2, 1)}) {
            assertThat(FarmEstimate.servedBy(drafts, 3, prune)).isFalse();
            assertThatThrownBy(() -> FarmEstimate.of(drafts, 1, 3, 1, prune))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("the earlier run");
        }
        assertThat(FarmEstimate.servedBy(EARLIER, 3, null)).isTrue();
        assertThat(FarmEstimate.servedBy(EARLIER, 3, new Prune(2, 1))).isFalse();
        assertThat(FarmEstimate.servedBy(EARLIER, 3, new Prune(2, 3))).isTrue();
        assertThat(FarmEstimate.servedBy(PRUNED, 6, new Prune(2, 2))).isTrue();
    }

    @Test
    void shouldAddWhatFailedAttemptsTook() {
        var sound = new StageCost(StageName.CANDIDATE, "cuda", 10, 0, 600, 1, 0);
        var failing = new StageCost(StageName.CANDIDATE, "cuda", 10, 0, 600, 1, 0, 0, 0, 0, 3, 60);
        double more =
                FarmEstimate.of(new RunCost(List.of(failing)), 20, 3, 4).gpuHours()
                        / FarmEstimate.of(new RunCost(List.of(sound)), 20, 3, 4).gpuHours();
        assertThat(more).isEqualTo(1.1, within(1e-9));
    }
}
