package dev.reelrank.torch.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SparseAttentionTest {
    private static final long HEADS = 3;
    private static final long DIM = 16;

    private static Tensor random(long seed, long tokens) {
        return Noise.normal(seed, 1, HEADS, tokens, DIM);
    }

    /** A table of random blocks, at least one in every row. */
    private static Tensor table(long seed, long tokens, long queryBlock, long keyBlock) {
        long rows = BlockMap.blocksOf(tokens, queryBlock);
        long columns = BlockMap.blocksOf(tokens, keyBlock);
        Tensor kept = Noise.uniform(seed, 0, 1, HEADS, rows, columns).lt(new Scalar(0.4));
        kept.select(-1, 0).fill_(new Scalar(1));
        return kept;
    }

    /** The same table token by token, shape (1, heads, tokens, tokens). */
    private static Tensor mask(Tensor kept, long tokens, long queryBlock, long keyBlock) {
        return kept.repeat_interleave(queryBlock, longs(1), none())
                .repeat_interleave(keyBlock, longs(2), none())
                .narrow(1, 0, tokens)
                .narrow(2, 0, tokens)
                .unsqueeze(0);
    }

    private static LongOptional longs(long value) {
        return new LongOptional(value);
    }

    private static LongOptional none() {
        return new LongOptional();
    }

    private static double apart(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 8, 8, 4",
        "2, 40, 8, 4",
        "3, 41, 8, 4",
        "4, 67, 16, 32",
        "5, 5, 16, 8",
        "6, 97, 1, 1"
    })
    void shouldEqualDenseAttentionWithTheMapAsMask(
            long seed, long tokens, long queryBlock, long keyBlock) {
        try (var scope = TensorScope.open()) {
            Tensor q = random(seed, tokens);
            Tensor k = random(seed + 10, tokens);
            Tensor v = random(seed + 20, tokens);
            Tensor kept = table(seed + 30, tokens, queryBlock, keyBlock);
            var found = SparseAttention.apply(q, k, v, BlockMap.of(kept, queryBlock, keyBlock));
            Tensor mask = mask(kept, tokens, queryBlock, keyBlock);
            Tensor wanted = Attention.apply(q, k, v, mask, 1 / Math.sqrt((double) DIM));
            assertThat(apart(found.output(), wanted)).isLessThan(1e-5);
            Tensor scores =
                    Ops.mul(q.matmul(k.transpose(-2, -1)), 1 / Math.sqrt((double) DIM))
                            .masked_fill(mask.logical_not(), new Scalar(-1e30));
            Tensor sums = scores.logsumexp(new long[] {-1}, false).squeeze(0);
            assertThat(apart(found.logSumExp(), sums)).isLessThan(1e-5);
        }
    }

    @Test
    void shouldJoinTwoHalvesOfTheKeysToTheWhole() {
        try (var scope = TensorScope.open()) {
            Tensor q = random(1, 64);
            Tensor k = random(2, 64);
            Tensor v = random(3, 64);
            Tensor kept = table(4, 64, 16, 8);
            var some = SparseAttention.apply(q, k, v, BlockMap.of(kept, 16, 8));
            var rest = SparseAttention.apply(q, k, v, BlockMap.of(kept.logical_not(), 16, 8));
            Tensor share = some.logSumExp().sub(rest.logSumExp()).sigmoid().view(1, HEADS, 64, 1);
            Tensor joined = rest.output().add(some.output().sub(rest.output()).mul(share));
            assertThat(apart(joined, Attention.apply(q, k, v))).isLessThan(1e-5);
        }
    }

    @Test
    void shouldGiveZerosAndMinusInfinityToQueriesThatSeeNothing() {
        try (var scope = TensorScope.open()) {
            Tensor kept = table(5, 32, 8, 8);
            kept.select(0, 1).select(0, 2).fill_(new Scalar(0));
            Tensor v = random(3, 32);
            var found =
                    SparseAttention.apply(random(1, 32), random(2, 32), v, BlockMap.of(kept, 8, 8));
            Tensor blind = found.output().select(1, 1).narrow(1, 16, 8);
            assertThat(blind.abs().max().item_double()).isZero();
            assertThat(found.logSumExp().select(0, 1).narrow(0, 16, 8).max().item_double())
                    .isEqualTo(Double.NEGATIVE_INFINITY);
            assertThat(Ops.isFinite(found.output())).isTrue();
        }
    }

    @Test
    void shouldTakeHeadsThatLieSideBySideAndBfloat16() {
        try (var scope = TensorScope.open()) {
            Tensor q = Noise.normal(1, 1, 40, HEADS, DIM).transpose(1, 2);
            Tensor k = Noise.normal(2, 1, 40, HEADS, DIM).transpose(1, 2);
            Tensor v = Noise.normal(3, 1, 40, HEADS, DIM).transpose(1, 2);
            var map = BlockMap.of(table(4, 40, 16, 8), 16, 8);
            var wide = SparseAttention.apply(q, k, v, map);
            var narrow =
                    SparseAttention.apply(
                            Ops.to(q, DType.BFLOAT16),
                            Ops.to(k, DType.BFLOAT16),
                            Ops.to(v, DType.BFLOAT16),
                            map);
            assertThat(DType.of(narrow.output())).isEqualTo(DType.BFLOAT16);
            assertThat(apart(Ops.to(narrow.output(), DType.FLOAT32), wide.output()))
                    .isLessThan(0.05);
        }
    }

    @Test
    void shouldSelectTheBlocksWhoseMeansAgreeMost() {
        try (var scope = TensorScope.open()) {
            Tensor q = random(1, 41);
            Tensor k = random(2, 41);
            var map = BlockSelection.topShare(q, k, 0.5, 8, 4);
            assertThat(map.blocks().shape()).containsExactly(HEADS, 6, 5);
            assertThat(map.kept(41)).isCloseTo(5 / 11.0, within(1e-9));
            float[] queries = Ops.floats(q.select(1, 1).squeeze(0));
            float[] keys = Ops.floats(k.select(1, 1).squeeze(0));
            double[] scores = new double[11];
            for (int block = 0; block < 11; block++) {
                for (int d = 0; d < DIM; d++) {
                    scores[block] +=
                            mean(queries, 40, 41, d)
                                    * mean(keys, block * 4, Math.min(41, block * 4 + 4), d);
                }
            }
            double least = Arrays.stream(scores).sorted().toArray()[6];
            long[] chosen = Ops.longs(map.blocks().select(0, 1).select(0, 5));
            assertThat(chosen).isSorted().doesNotHaveDuplicates();
            for (long block : chosen) {
                assertThat(scores[(int) block]).isGreaterThanOrEqualTo(least);
            }
        }
    }

    private static double mean(float[] rows, int from, int end, int d) {
        double sum = 0;
        for (int row = from; row < end; row++) {
            sum += rows[(int) (row * DIM + d)];
        }
        return sum / (end - from);
    }

    @Test
    void shouldSelectAtLeastOneBlockAndRefuseNone() {
        try (var scope = TensorScope.open()) {
            Tensor q = random(1, 16);
            var map = BlockSelection.topShare(q, q, 0.01, 8, 8);
            assertThat(map.blocks().size(2)).isEqualTo(1);
            assertThatThrownBy(() -> BlockSelection.topShare(q, q, 0, 8, 8))
                    .hasMessageContaining("above 0");
            assertThatThrownBy(() -> SparseAttention.apply(random(2, 48), q, q, map))
                    .hasMessageContaining("does not fit");
        }
    }

    @Test
    void shouldKeepMoreBlocksForALargerShareAndAllForTheWhole() {
        try (var scope = TensorScope.open()) {
            Tensor q = Ops.mul(random(1, 50), 3);
            Tensor k = random(2, 50);
            Tensor v = random(3, 50);
            Tensor dense = Attention.apply(q, k, v);
            double before = 0;
            double error = Double.POSITIVE_INFINITY;
            for (double share : new double[] {0.2, 0.6, 0.9, 1}) {
                var map = BlockSelection.softmaxShare(q, k, share, 5, 5);
                double kept = map.kept(50);
                assertThat(kept).isGreaterThan(before);
                before = kept;
                double now = apart(SparseAttention.apply(q, k, v, map).output(), dense);
                assertThat(now).isLessThan(error);
                error = now;
            }
            assertThat(before).isEqualTo(1);
            assertThat(error).isLessThan(1e-5);
        }
    }

    @Test
    void shouldKeepTheBlockOfTheQueriesThemselves() {
        try (var scope = TensorScope.open()) {
            Tensor q = random(1, 44);
            Tensor away = Ops.mul(q, -20);
            var map = BlockSelection.softmaxShare(q, away, 0.01, 8, 4);
            for (int row = 0; row < 6; row++) {
                long[] list = Ops.longs(map.blocks().select(0, 0).select(0, row));
                int count = (int) Ops.longs(map.counts().select(0, 0).narrow(0, row, 1))[0];
                assertThat(Arrays.copyOf(list, count)).contains(row * 2L);
            }
        }
    }

    @Test
    void shouldAttendLinearlyByFeatures() {
        try (var scope = TensorScope.open()) {
            Tensor q = random(1, 20);
            Tensor k = random(2, 20);
            Tensor v = random(3, 20);
            Tensor weights =
                    Ops.softmaxFloat(q, -1).matmul(Ops.softmaxFloat(k, -1).transpose(-2, -1));
            Tensor sum =
                    Ops.add(weights.sum(new long[] {-1}, true, new ScalarTypeOptional()), 1e-5);
            Tensor wanted = weights.div(sum).matmul(v);
            assertThat(apart(LinearAttention.apply(q, k, v), wanted)).isLessThan(1e-5);
        }
    }
}
