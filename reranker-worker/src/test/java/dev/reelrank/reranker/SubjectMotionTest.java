package dev.reelrank.reranker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.grading.prompt.Deed;
import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.RgbImage;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SubjectMotionTest {
    private static final int SIDE = 64;
    private static final List<Deed> LEFT = List.of(new Deed(0, "the ring slides left", false));
    private static final List<Deed> TURNS = List.of(new Deed(0, "the ring turns clockwise", false));
    private static final List<Deed> RESTS = List.of(new Deed(0, "the ring moves", true));

    @Test
    void shouldTellTheWayFromItsOppositeAndFromStandingStill() {
        assertThat(motion(40, 20, 10, 10).term(LEFT)).isEqualTo(1);
        assertThat(motion(20, 40, 10, 10).term(LEFT)).isZero();
        assertThat(motion(30, 30, 10, 10).term(LEFT)).isEqualTo(0.5);
    }

    @Test
    void shouldSeeThatATurningSubjectChangesAndAFrozenOneDoesNot() {
        assertThat(motion(30, 30, 10, 120).term(TURNS)).isEqualTo(1);
        assertThat(motion(30, 30, 10, 10).term(TURNS)).isZero();
    }

    @Test
    void shouldHoldWhatIsToRestToIt() {
        assertThat(motion(30, 30, 10, 10).term(RESTS)).isEqualTo(1);
        assertThat(motion(40, 20, 10, 10).term(RESTS)).isZero();
    }

    @Test
    void shouldNotSayAnythingWithoutADeedOrASecondMask() {
        assertThat(motion(40, 20, 10, 10).term(List.of())).isNull();
        var once = new SubjectMotion();
        once.take(picture(30, 10), view(30));
        once.take(picture(30, 10), SubjectView.none("nothing matches"));
        assertThat(once.term(LEFT)).isNull();
    }

    /** A square that is at one place first and at another then, of one brightness and another. */
    private static SubjectMotion motion(int from, int to, int before, int after) {
        var motion = new SubjectMotion();
        motion.take(picture(from, before), view(from));
        motion.take(picture(to, after), view(to));
        return motion;
    }

    private static SubjectView view(int x) {
        var pixels = new BitSet();
        for (int v = 20; v < 36; v++) {
            pixels.set(v * SIDE + x, v * SIDE + x + 16);
        }
        var mask = new Mask(SIDE, SIDE, pixels);
        return new SubjectView(mask, mask.box(), 1, null);
    }

    private static RgbImage picture(int x, int value) {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        for (int v = 20; v < 36; v++) {
            for (int i = 3 * (v * SIDE + x); i < 3 * (v * SIDE + x + 16); i++) {
                rgb[i] = (byte) value;
            }
        }
        return new RgbImage(SIDE, SIDE, rgb);
    }
}
