package dev.reelrank.qwen.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PromptRepairTest {
    private static final String ORIGINAL = "make it move";

    private final PromptRules rules = PromptRules.bundled();
    private final PromptRepair repair = PromptRepair.bundled();

    private String mended(String mode, String answer) {
        var text = repair.repair(PromptModes.mode(mode), answer);
        assertThat(rules.check(PromptModes.mode(mode), text, ORIGINAL)).as(text).isEmpty();
        return text;
    }

    @Test
    void shouldJoinSentencesWhereOneIsAsked() {
        assertThat(
                        mended(
                                "simplify_v2",
                                "The red ring slides left. It passes the green stripes. It slows"
                                        + " down and stops near the edge. It rests."))
                .isEqualTo(
                        "The red ring slides left, then it passes the green stripes, then it slows"
                                + " down and stops near the edge.");
    }

    @Test
    void shouldFillAShortSentenceWithNeutralWords() {
        assertThat(mended("simplify_v2", "The red ring slides to the left"))
                .isEqualTo(
                        "The red ring slides to the left in one smooth and continuous motion from"
                                + " the beginning to the end.");
    }

    @Test
    void shouldCutALongSentenceAtItsLastClause() {
        assertThat(
                        mended(
                                "simplify_v2",
                                "The red ring slides slowly to the left across the green striped"
                                        + " background, keeping its round shape all the way, while the"
                                        + " camera stays still and the light does not change."))
                .isEqualTo(
                        "The red ring slides slowly to the left across the green striped background,"
                                + " keeping its round shape all the way.");
    }

    @Test
    void shouldKeepTagsAndCutTheBody() {
        var body = "The red ring moves to the left and keeps its even colour. ";
        var text = new StringBuilder();
        for (var i = 0; i < 14; i++) {
            text.append(body.replace("red ring", "red ring number " + i));
        }
        var result =
                mended("ultra_enrich", text + "Material: glossy metal. Motion: slow to the left.");
        assertThat(result)
                .contains("Material: glossy metal. Lighting: soft and even. Quality:")
                .endsWith("Motion: slow to the left.");
    }

    @Test
    void shouldMakeThreePhasesOfOneSentence() {
        assertThat(
                        mended(
                                "decompose",
                                "The red ring rests in the middle of the picture, then it slides"
                                        + " slowly to the left side, and it stops near the edge of the"
                                        + " green ground."))
                .isEqualTo(
                        "First, the red ring rests in the middle of the picture. Then, it slides"
                                + " slowly to the left side. Finally, it stops near the edge of the green"
                                + " ground.");
    }

    @Test
    void shouldDropTalkAboutThePictureAndBrands() {
        assertThat(
                        mended(
                                "simplify_v2",
                                "The image shows a Rolex watch that turns slowly on a wooden stand"
                                        + " from the left to the right."))
                .startsWith("A watch that turns slowly on a wooden stand");
    }

    @Provide
    Arbitrary<String> prose() {
        return Arbitraries.of(
                        "the",
                        "red",
                        "ring",
                        "slides",
                        "slowly",
                        "left,",
                        "and",
                        "then",
                        "stops.",
                        "It",
                        "turns;",
                        "a",
                        "Nike",
                        "shoe",
                        "The image shows",
                        "edge.",
                        "Then,",
                        "Material:",
                        "glossy",
                        "I",
                        "2.5",
                        "-",
                        "“so”",
                        "while")
                .list()
                .ofMinSize(1)
                .ofMaxSize(160)
                .map(words -> String.join(" ", words));
    }

    @Property(tries = 300)
    void shouldKeepTheLengthOfEveryOneSentenceMode(@ForAll("prose") String answer) {
        var mode = PromptModes.mode("simplify_v2");
        var text = repair.repair(mode, answer);
        assertThat(Words.count(text)).as(text).isLessThanOrEqualTo(25);
        assertThat(repair.repair(mode, answer)).isEqualTo(text);
    }

    @Property(tries = 300)
    void shouldNeverExceedTheWordsOfProse(@ForAll("prose") String answer) {
        for (var name : new String[] {"ultra_enrich", "enhance"}) {
            var mode = PromptModes.mode(name);
            var text = repair.repair(mode, answer);
            assertThat(Words.count(text)).as(text).isLessThanOrEqualTo(mode.words().max());
        }
    }
}
