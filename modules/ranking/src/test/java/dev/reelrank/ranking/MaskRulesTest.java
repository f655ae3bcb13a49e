package dev.reelrank.ranking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.config.RankingConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskRulesTest {
    private static final MaskLimits LIMITS = MaskLimits.of(RankingConfig.defaults());

    @Test
    void shouldRejectTheStripThatTheAspectRuleLetsPass() {
        var box = new Box(90, 0, 1192, 171);
        assertThat(box.width() / box.height()).isLessThan(7);
        assertThat(MaskRules.objection(box, 0.15, 1280, 720, LIMITS))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("thin strip", "(90,0)-(1192,171)"));
    }

    @ParameterizedTest
    @CsvSource({
        // x0, y0, x1, y1, share, expected word or empty
        "100, 100, 900, 210, 0.05, aspect",
        "100, 20, 200, 720, 0.05, ''",
        "100, 10, 200, 715, 0.05, aspect",
        "0, 100, 150, 700, 0.05, thin strip",
        "300, 550, 1300, 720, 0.1, thin strip",
        "2, 100, 150, 690, 0.05, ''",
        "0, 0, 970, 190, 0.1, ''",
        "200, 100, 700, 600, 0.004, below 0.5 %",
        "200, 100, 700, 600, 0.96, above 95 %",
        "200, 100, 700, 600, 0.3, ''",
        "0, 0, 1280, 720, 0.94, ''"
    })
    void shouldJudgeABoxOnAFrameOf1280By720(
            double x0, double y0, double x1, double y1, double share, String expected) {
        var objection = MaskRules.objection(new Box(x0, y0, x1, y1), share, 1280, 720, LIMITS);
        if (expected.isEmpty()) {
            assertThat(objection).isEmpty();
        } else {
            assertThat(objection).hasValueSatisfying(why -> assertThat(why).contains(expected));
        }
    }

    @Test
    void shouldObjectWhenNothingWasFound() {
        assertThat(MaskRules.objection(null, 0, 640, 480, LIMITS))
                .hasValueSatisfying(why -> assertThat(why).contains("nothing in the image"));
    }
}
