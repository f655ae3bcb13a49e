package dev.reelrank.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.RgbImage;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RendererTest {
    @Test
    void shouldRenderTheSameBytesOnEveryMachine() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < 8; i++) {
            Clip clip = Renderer.render(SceneMaker.scene(Split.TEST.seed(i)), Renderer.FRAMES);
            clip.frames().forEach(f -> digest.update(f.rgb()));
            clip.masks().forEach(digest::update);
        }
        // The trained checkpoints and their figures belong to this world: a change of it needs both
        // made again.
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("605888b3b0ea92c2da89a38e7761edfa59ad32b1082f77cc73b6d458478036b2");
    }

    @Test
    void shouldShowTheFirstFrameAsTheStill() {
        Scene scene = SceneMaker.scene(Split.TEST.seed(5));
        assertThat(Renderer.still(scene).rgb())
                .isEqualTo(Renderer.render(scene, 17).frames().get(0).rgb());
    }

    @Test
    void shouldMaskWhereTheSubjectChangesTheBackground() {
        for (int i = 0; i < 20; i++) {
            Scene scene = SceneMaker.scene(Split.TEST.seed(i));
            Clip clip = Renderer.render(scene, 5);
            Clip empty = Renderer.background(scene, 5);
            for (int f = 0; f < 5; f++) {
                int masked = 0;
                RgbImage with = clip.frames().get(f);
                RgbImage without = empty.frames().get(f);
                for (int p = 0; p < clip.masks().get(f).length; p++) {
                    masked += clip.masks().get(f)[p] == 1 ? 1 : 0;
                }
                assertThat(masked / 16384.0).isBetween(.005, .6);
                assertThat(with.rgb()).isNotEqualTo(without.rgb());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Corruption.class)
    void shouldChangeWhatItCorruptsAndNothingElse(Corruption corruption) {
        for (int i = 0; i < 6; i++) {
            Scene scene = SceneMaker.scene(Split.TEST.seed(i));
            Clip clean = Renderer.render(scene, 17);
            Corrupted made = Corrupted.make(scene, corruption, 17, .5f);
            assertThat(made.clip().frames()).hasSize(17);
            assertThat(made.clip().frames().get(11).rgb())
                    .isNotEqualTo(clean.frames().get(11).rgb());
            boolean changesTheStart =
                    corruption == Corruption.WRONG_SUBJECT || corruption == Corruption.WRONG_PLACE;
            assertThat(
                            java.util.Arrays.equals(
                                    made.clip().frames().get(0).rgb(), clean.frames().get(0).rgb()))
                    .isEqualTo(!changesTheStart);
        }
    }
}
