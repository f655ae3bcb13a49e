package dev.reelrank.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.config.RankingConfig;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MeasuresTest {
    private static final PatchConcentration NORMAL = new PatchConcentration(2.0, 0.5);

    @Test
    void shouldAverageOverScoredFrames() {
        var measures =
                Measures.of(
                        List.of(
                                new FrameMeasures(0, 0.9, 0.8, 2.0, Double.NaN, 0.5),
                                new FrameMeasures(8, 0.7, 0.6, 3.0, 0.9, 0.3),
                                new FrameMeasures(16, 0.8, 0.7, 1.0, 0.7, 0.55)),
                        NORMAL,
                        0.25);
        assertThat(measures.maskedIdentity()).isCloseTo(0.8, within(1e-12));
        assertThat(measures.minIdentity()).isEqualTo(0.7);
        assertThat(measures.fullIdentity()).isCloseTo(0.7, within(1e-12));
        assertThat(measures.concentration()).isCloseTo(2.0, within(1e-12));
        assertThat(measures.concentrationNormalised()).isCloseTo(0.5, within(1e-12));
        assertThat(measures.temporal()).isCloseTo(0.8, within(1e-12));
        assertThat(measures.brightnessDrift()).isCloseTo(0.2, within(1e-12));
        assertThat(measures.duplicateSubject()).isEqualTo(0.25);
    }

    @Test
    void shouldCallASingleFrameConsistent() {
        var one = List.of(new FrameMeasures(0, 0.9, 0.8, 2.0, Double.NaN, 0.5));
        assertThat(Measures.of(one, NORMAL, 0).temporal()).isEqualTo(1);
        assertThat(Measures.of(one, NORMAL, 0).brightnessDrift()).isZero();
        assertThatThrownBy(() -> Measures.of(List.of(), NORMAL, 0))
                .hasMessageContaining("no frame");
    }

    @Test
    void shouldDividePeakByMeanOfTheHeatMap() {
        // One patch of nine fits: peak 0.9, mean 0.3.
        double[] heat = {0.9, 0.3, 0.2, 0.2, 0.3, 0.2, 0.2, 0.2, 0.2};
        assertThat(PatchConcentration.raw(heat)).isCloseTo(3.0, within(1e-12));
        // Two patches fit half as well each: flatter.
        double[] ghost = {0.6, 0.6, 0.2, 0.2, 0.3, 0.2, 0.2, 0.2, 0.2};
        assertThat(PatchConcentration.raw(ghost)).isCloseTo(0.6 / 0.3, within(1e-12));
    }

    @Test
    void shouldStayFiniteWhenTheMeanIsNearZeroOrNegative() {
        assertThat(PatchConcentration.raw(new double[] {0.5, -0.5, 0})).isEqualTo(20);
        assertThat(PatchConcentration.raw(new double[] {0.5, -0.5, -0.3})).isEqualTo(20);
        assertThat(PatchConcentration.raw(new double[] {-0.1, -0.5})).isZero();
        assertThat(PatchConcentration.raw(new double[] {0, 0})).isZero();
    }

    @Test
    void shouldCallVectorsWithoutLengthUnrelated() {
        assertThat(Vectors.cosine(new float[3], new float[] {1, 2, 3})).isZero();
        assertThat(Vectors.cosine(new float[] {1, 2, 3}, new float[] {2, 4, 6})).isEqualTo(1);
        assertThat(Vectors.cosine(new float[] {1, 0}, new float[] {0, 1})).isZero();
    }

    @Property
    void scoresStayInRange(
            @ForAll @Size(min = 1, max = 30) List<@DoubleRange(min = -1, max = 1) Double> heat) {
        double raw = PatchConcentration.raw(heat.stream().mapToDouble(d -> d).toArray());
        assertThat(raw).isBetween(0.0, 20.0);
        assertThat(NORMAL.normalised(raw)).isBetween(0.0, 1.0);
        var frame = new FrameMeasures(0, heat.get(0), heat.get(0), raw, Double.NaN, 0.5);
        double composite =
                new CompositeScorer(RankingConfig.defaults().weights())
                        .score(Measures.of(List.of(frame), NORMAL, 0));
        assertThat(composite).isBetween(-0.65, 1.0);
    }

    @Property
    void framesAreSpreadFromTheFirstToTheLast(
            @ForAll @IntRange(min = 1, max = 300) int count,
            @ForAll @IntRange(min = 1, max = 40) int wanted) {
        var frames = FrameSelection.evenly(count, wanted);
        assertThat(frames).hasSize(Math.min(count, wanted)).isSorted().doesNotHaveDuplicates();
        assertThat(frames[0]).isZero();
        if (frames.length > 1) {
            assertThat(frames[frames.length - 1]).isEqualTo(count - 1);
        }
        int near = FrameSelection.nearest(frames, count / 2);
        for (int frame : frames) {
            assertThat(Math.abs(frames[near] - count / 2))
                    .isLessThanOrEqualTo(Math.abs(frame - count / 2));
        }
    }

    @Property
    void theCropHoldsItsBoxAndStaysInTheImage(
            @ForAll @IntRange(min = 1, max = 400) int width,
            @ForAll @IntRange(min = 1, max = 400) int height,
            @ForAll @DoubleRange(min = 0, max = 1) double a,
            @ForAll @DoubleRange(min = 0, max = 1) double b,
            @ForAll @DoubleRange(min = 0, max = 1) double c,
            @ForAll @DoubleRange(min = 0, max = 1) double d) {
        var box =
                new Box(
                        Math.floor(Math.min(a, b) * (width - 1)),
                        Math.floor(Math.min(c, d) * (height - 1)),
                        Math.floor(Math.max(a, b) * (width - 1)) + 1,
                        Math.floor(Math.max(c, d) * (height - 1)) + 1);
        var crop = SquareCrop.around(box, width, height);
        assertThat(crop.x0()).isBetween(0.0, box.x0());
        assertThat(crop.y0()).isBetween(0.0, box.y0());
        assertThat(crop.x1()).isBetween(box.x1(), (double) width);
        assertThat(crop.y1()).isBetween(box.y1(), (double) height);
        if (crop.width() < width && crop.height() < height) {
            assertThat(crop.width()).isCloseTo(crop.height(), within(1.0));
        }
    }

    @Test
    void shouldCountInstancesThatAreApart() {
        var left = new Box(0, 0, 10, 10);
        var right = new Box(30, 0, 40, 10);
        var overlapping = new Box(4, 0, 14, 10);
        var crumb = new Box(50, 50, 52, 52);
        assertThat(Duplicates.separated(List.of(left, right, crumb))).isEqualTo(2);
        assertThat(Duplicates.separated(List.of(left, overlapping))).isEqualTo(1);
        assertThat(Duplicates.separated(List.of())).isZero();
        assertThat(Duplicates.share(1, List.of(1, 2, 2, 0))).isEqualTo(0.5);
        assertThat(Duplicates.share(2, List.of(2, 2))).isZero();
    }

    @Test
    void shouldCountNamesAsPeopleDo() {
        assertThat(
                        java.util.stream.Stream.of(
                                        "seed10.mp4",
                                        "seed9.mp4",
                                        "Seed9b.mp4",
                                        "a.mp4",
                                        "seed010.mp4")
                                .sorted(NaturalOrder.INSTANCE))
                .containsExactly("a.mp4", "seed9.mp4", "Seed9b.mp4", "seed010.mp4", "seed10.mp4");
    }
}
