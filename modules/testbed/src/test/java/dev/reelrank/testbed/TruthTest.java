package dev.reelrank.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TruthTest {
    private static final int FRAMES = 9;
    private static final int SCENES = 16;

    @Test
    void shouldFindNothingWrongWithTheTruth() {
        int actions = 0;
        int appearances = 0;
        for (int i = 0; i < SCENES; i++) {
            Truth truth = new Truth(SceneMaker.scene(Split.VALIDATION.seed(i)), FRAMES);
            List<RgbImage> video = noisy(truth.clip().frames(), i, 6);
            assertThat(truth.colourError(video)).isLessThan(.01);
            assertThat(truth.maskIou(video)).as("scene %d", i).isGreaterThan(.8);
            assertThat(truth.ghost(video)).isLessThan(.02);
            Scene scene = SceneMaker.scene(Split.VALIDATION.seed(i));
            actions += truth.nearestAction(video) == scene.action() ? 1 : 0;
            appearances += truth.appearanceRight(video) ? 1 : 0;
        }
        assertThat(actions).isEqualTo(SCENES);
        assertThat(appearances).isEqualTo(SCENES);
    }

    @Test
    void shouldNoticeEachCorruptionWithTheMeasureMeantForIt() {
        int ghosts = 0;
        for (int i = 0; i < 15; i++) {
            Scene scene = SceneMaker.scene(Split.VALIDATION.seed(i));
            Truth truth = new Truth(scene, FRAMES);
            ghosts += truth.ghost(spoilt(scene, Corruption.GHOST)) > .04 ? 1 : 0;
            assertThat(truth.nearestAction(spoilt(scene, Corruption.WRONG_DIRECTION)))
                    .isEqualTo(scene.action().opposite());
            assertThat(truth.appearanceRight(spoilt(scene, Corruption.IDENTITY_SWAP))).isFalse();
            assertThat(truth.colourError(spoilt(scene, Corruption.COLOUR_DRIFT)))
                    .isGreaterThan(.015);
            double clean = Truth.frameDifference(truth.clip().frames());
            assertThat(Truth.frameDifference(spoilt(scene, Corruption.FLICKER)))
                    .isGreaterThan(1.3 * clean);
            assertThat(Truth.frameDifference(spoilt(scene, Corruption.FREEZE)))
                    .isCloseTo(0, within(1e-9));
            for (Corruption corruption : Corruption.values()) {
                if (corruption != Corruption.FLICKER) {
                    assertThat(truth.quality(spoilt(scene, corruption)))
                            .as("%s of scene %d", corruption, i)
                            .isLessThan(truth.quality(truth.clip().frames()) - .02);
                }
            }
        }
        // A half-seen ghost of a subject much like its background leaves too little to count.
        assertThat(ghosts).isGreaterThanOrEqualTo(12);
    }

    @Test
    void shouldKnowASubjectPartOfWhichLooksLikeTheBackground() {
        int met = 0;
        int right = 0;
        for (int i = 0; met < 8; i++) {
            Scene scene = SceneMaker.scene(Split.VALIDATION.seed(i));
            if (scene.first().kind() == Kind.PERSON
                    && scene.background().colour() == BackdropColour.BEIGE) {
                met++;
                Truth truth = new Truth(scene, FRAMES);
                right += truth.appearanceRight(noisy(truth.clip().frames(), i, 12)) ? 1 : 0;
            }
        }
        // Skin over beige is foreground in some pixels and not in others.
        assertThat(right).isGreaterThanOrEqualTo(7);
    }

    private static List<RgbImage> spoilt(Scene scene, Corruption corruption) {
        return Corrupted.make(scene, corruption, FRAMES, .5f).clip().frames();
    }

    private static List<RgbImage> noisy(List<RgbImage> video, long seed, int reach) {
        Dice dice = new Dice(seed, 500);
        List<RgbImage> all = new ArrayList<>();
        for (RgbImage frame : video) {
            byte[] rgb = new byte[frame.rgb().length];
            for (int i = 0; i < rgb.length; i++) {
                int value = (frame.rgb()[i] & 0xff) + dice.below(2 * reach + 1) - reach;
                rgb[i] = (byte) Math.min(255, Math.max(0, value));
            }
            all.add(new RgbImage(frame.width(), frame.height(), rgb));
        }
        return all;
    }
}
