package dev.reelrank.qwen.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.qwen.prompts.Violation.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptRulesTest {
    private static final String ORIGINAL =
            "A red ring lies on a green striped background. It slides slowly to the left.";
    static final String SIMPLE =
            "The red ring slides slowly and smoothly to the left across the green striped background"
                    + " in one continuous movement.";
    static final String RICH =
            "The red ring starts in the middle of the picture and slides slowly to the left, one smooth"
                    + " movement from start to end. It keeps its round shape, its even red colour and its"
                    + " clear edge while it moves, and it stays the same size. The background is green with"
                    + " broad stripes, it is flat and calm, and it stays where it is. The camera does not"
                    + " move and nothing else enters the picture. Material: plain red surface with a clean"
                    + " edge. Lighting: soft and even. Quality: sharp focus, natural colours. Motion: slow"
                    + " and smooth, to the left.";
    static final String PHASES =
            "First, the red ring rests in the middle of the green background. Then, the red ring slides"
                    + " slowly to the left in one line. Finally, the red ring slows down near the left edge"
                    + " and keeps its shape.";

    private final PromptRules rules = PromptRules.bundled();

    private List<Rule> broken(String mode, String answer) {
        return rules.check(PromptModes.mode(mode), answer, ORIGINAL).stream()
                .map(Violation::rule)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"simplify_v1", "simplify_v2", "simplify_v3", "simplify_v4"})
    void shouldAcceptOnePlainSentence(String mode) {
        assertThat(broken(mode, SIMPLE)).isEmpty();
    }

    @Test
    void shouldAcceptTheExamplesOfTheDocs() {
        assertThat(broken("ultra_enrich", RICH)).isEmpty();
        assertThat(broken("decompose", PHASES)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | EMPTY",
                "... | EMPTY",
                "I'm sorry, but I can't help with that. | REFUSAL",
                "I cannot create this content. | REFUSAL",
                "As an AI language model I do not see pictures. | REFUSAL",
                "红色的戒指慢慢地向左移动，背景是绿色条纹，画面平静。 | FOREIGN_SCRIPT",
                "A majestic dragon breathes bright flames over an ancient stone castle while knights"
                        + " run away across the muddy field. | UNRELATED",
            })
    void shouldRejectWhatCannotBeMended(String answer, Rule expected) {
        assertThat(broken("simplify_v2", answer)).contains(expected);
        assertThat(expected.repairable()).isFalse();
    }

    @Test
    void shouldNameWhatIsWrongWithNumbers() {
        var long30 = SIMPLE.replace(".", "") + " and then it goes on and on and on and on.";
        assertThat(rules.check(PromptModes.mode("simplify_v2"), long30, ORIGINAL))
                .singleElement()
                .satisfies(
                        v -> {
                            assertThat(v.rule()).isEqualTo(Rule.TOO_LONG);
                            assertThat(v.reason()).isEqualTo("it has 30 words, 15 to 25 are asked");
                        });
        assertThat(broken("simplify_v2", "The red ring slides to the left."))
                .containsExactly(Rule.TOO_SHORT);
        assertThat(broken("simplify_v2", "The red ring slides."))
                .containsExactly(Rule.FAR_TOO_SHORT);
    }

    @Test
    void shouldNoticeFormsThatWereNotAsked() {
        assertThat(broken("simplify_v2", SIMPLE + " It stops at the edge."))
                .contains(Rule.SENTENCES);
        assertThat(broken("simplify_v2", SIMPLE.replace(".", ""))).containsExactly(Rule.CUT_OFF);
        assertThat(broken("simplify_v2", "The image shows that " + SIMPLE))
                .contains(Rule.ABOUT_THE_PICTURE);
        assertThat(broken("simplify_v2", SIMPLE.replace("red", "red Cartier")))
                .containsExactly(Rule.BRAND);
        assertThat(broken("ultra_enrich", RICH.replace("Lighting: soft and even.", "")))
                .contains(Rule.TAG);
        assertThat(broken("ultra_enrich", RICH.replace("soft and even.", ""))).contains(Rule.TAG);
        assertThat(broken("ultra_enrich", RICH + " " + RICH)).contains(Rule.REPEATED);
        assertThat(broken("decompose", PHASES.replace("Then,", "Next,")))
                .containsExactly(Rule.OPENER);
        assertThat(broken("decompose", "First, it rests. Then, it slides. Finally, it stops."))
                .contains(Rule.SENTENCE_LENGTH);
    }

    @Test
    void shouldNotCompareWithAPromptThatSaysTooLittle() {
        assertThat(rules.check(PromptModes.mode("simplify_v2"), SIMPLE, "make it move")).isEmpty();
    }
}
