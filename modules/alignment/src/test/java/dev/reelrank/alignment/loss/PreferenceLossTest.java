package dev.reelrank.alignment.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.alignment.loss.PreferenceLoss.Shape;
import dev.reelrank.pipeline.StageException;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

final class PreferenceLossTest {
    private static final PairErrors KNOWN = new PairErrors(0.10, 0.12, 0.20, 0.19);

    @Example
    void shouldAgreeWithKnownValues() {
        PairLoss full = PreferenceLoss.sigmoid(100).of(KNOWN);
        assertThat(full.margin()).isCloseTo(3, within(1e-9));
        assertThat(full.loss()).isCloseTo(0.04858735, within(1e-8));
        PairLoss half = new PreferenceLoss(Shape.SIGMOID, 100, 0.5, 0, 0).of(KNOWN);
        assertThat(half.loss()).isCloseTo(0.20141328, within(1e-8));
        PairLoss saturated = PreferenceLoss.sigmoid(2500).of(KNOWN);
        assertThat(saturated.loss()).isCloseTo(2.68e-33, within(1e-35));
        assertThat(saturated.winnerSlope()).isCloseTo(0, within(1e-29));
        PairLoss hinge = new PreferenceLoss(Shape.HINGE, 10, 1, 0, 0).of(KNOWN);
        assertThat(hinge.loss()).isCloseTo(0.7, within(1e-9));
        assertThat(hinge.winnerSlope()).isEqualTo(10);
    }

    @Property
    void shouldBeLnTwoWhileNothingIsLearned(
            @ForAll @DoubleRange(min = 0, max = 5) double winner,
            @ForAll @DoubleRange(min = 0, max = 5) double loser,
            @ForAll @DoubleRange(min = 0, max = 0.49) double smoothing,
            @ForAll @DoubleRange(min = 0, max = 2) double supervised) {
        var loss = new PreferenceLoss(Shape.SIGMOID, 2500, 1, smoothing, supervised);
        PairLoss made = loss.of(new PairErrors(winner, winner, loser, loser));
        assertThat(made.loss()).isCloseTo(Math.log(2) + supervised * winner, within(1e-12));
        assertThat(made.correct()).isFalse();
    }

    @Property
    void shouldHaveTheSlopesThatDifferencesShow(
            @ForAll @DoubleRange(min = 0.05, max = 1) double winner,
            @ForAll @DoubleRange(min = 0.05, max = 1) double referenceWinner,
            @ForAll @DoubleRange(min = 0.05, max = 1) double loser,
            @ForAll @DoubleRange(min = 0.05, max = 1) double referenceLoser,
            @ForAll Shape shape) {
        var loss = new PreferenceLoss(shape, 5, 0.5, shape == Shape.SIGMOID ? 0.1 : 0, 0.3);
        var at = new PairErrors(winner, referenceWinner, loser, referenceLoser);
        double d = 1e-6;
        PairLoss made = loss.of(at);
        if (shape == Shape.HINGE && Math.abs(made.margin() - 1) < 1e-3) {
            return;
        }
        double byWinner =
                loss.of(new PairErrors(winner + d, referenceWinner, loser, referenceLoser)).loss()
                        - loss.of(
                                        new PairErrors(
                                                winner - d, referenceWinner, loser, referenceLoser))
                                .loss();
        double byLoser =
                loss.of(new PairErrors(winner, referenceWinner, loser + d, referenceLoser)).loss()
                        - loss.of(
                                        new PairErrors(
                                                winner, referenceWinner, loser - d, referenceLoser))
                                .loss();
        assertThat(made.winnerSlope()).isCloseTo(byWinner / (2 * d), within(1e-4));
        assertThat(made.loserSlope()).isCloseTo(byLoser / (2 * d), within(1e-4));
    }

    @Example
    void shouldStayFiniteFarFromTheReferenceAndPassOnWhatIsNot() {
        PairLoss far = PreferenceLoss.sigmoid(1e6).of(new PairErrors(3, 0, 0, 3));
        assertThat(far.loss()).isCloseTo(6e6, within(1.0));
        assertThat(far.winnerSlope()).isCloseTo(1e6, within(1e-3));
        for (var shape : Shape.values()) {
            var loss = new PreferenceLoss(shape, 1, 1, 0, 0);
            assertThat(loss.of(new PairErrors(Double.NaN, 0, 0, 0)).loss()).isNaN();
        }
    }

    @Example
    void shouldBePlainFineTuningWithoutBeta() {
        var loss = new PreferenceLoss(Shape.SIGMOID, 0, 1, 0, 2);
        assertThat(loss.prefers()).isFalse();
        PairLoss taught = loss.of(new PairErrors(0.5, 9, 9, 9));
        assertThat(taught.loss()).isEqualTo(1);
        assertThat(taught.winnerSlope()).isEqualTo(2);
        assertThat(taught.loserSlope()).isZero();
        assertThat(taught.margin()).isZero();
    }

    @Example
    void shouldRefuseWhatCannotTrain() {
        assertThatThrownBy(() -> PreferenceLoss.sigmoid(0))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("beta must be above 0, or 0 with a supervised weight");
        assertThatThrownBy(() -> new PreferenceLoss(Shape.SIGMOID, 1, 1, 0.5, 0))
                .hasMessageContaining("label smoothing");
        assertThatThrownBy(() -> new PreferenceLoss(Shape.HINGE, 1, 1, 0.1, 0))
                .hasMessageContaining("hinge");
        assertThatThrownBy(() -> new PreferenceLoss(Shape.SIGMOID, 1, 1, 0, -1))
                .hasMessageContaining("supervised");
        assertThatThrownBy(() -> Shape.parse("ipo")).hasMessageContaining("sigmoid or hinge");
    }
}
