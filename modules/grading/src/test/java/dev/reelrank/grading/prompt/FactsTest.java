package dev.reelrank.grading.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.grading.prompt.Questions.Question;
import dev.reelrank.grading.prompt.Relation.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FactsTest {
    private static final String PROMPT =
            "A striped red ring slides slowly to the left. It is left of a blue star, over a navy"
                    + " background.";

    private static final String ANSWER =
            """
            Objects: striped red ring, blue star
            Action: the striped red ring slides slowly to the left
            Setting: navy background
            Relations: striped red ring left of blue star
            """;

    @Test
    void shouldReadTheModelsFourLines() {
        var facts = FactParser.read(ANSWER, PROMPT).orElseThrow();
        assertThat(facts.objects()).containsExactly("striped red ring", "blue star");
        assertThat(facts.deeds())
                .containsExactly(new Deed(0, "the ring slides slowly to the left", false));
        assertThat(facts.setting()).isEqualTo("navy background");
        assertThat(facts.relations())
                .containsExactly(new Relation("striped red ring", Kind.LEFT_OF, "blue star"));
        assertThat(facts.source()).isEqualTo(PromptFacts.Source.MODEL);
    }

    @Test
    void shouldAskForEveryFactInTheFormsTheDefaultModelKnows() {
        assertThat(Questions.of(FactParser.read(ANSWER, PROMPT).orElseThrow()))
                .containsExactly(
                        new Question("object", "Is there a striped red ring?"),
                        new Question("object", "Is there a blue star?"),
                        new Question("attribute", "Is the ring striped?"),
                        new Question("attribute", "Is the ring red?"),
                        new Question("attribute", "Is the star blue?"),
                        new Question("action", "Is the ring sliding slowly to the left?"),
                        new Question("action", "Does the ring move?"),
                        new Question("setting", "Is there a navy background?"),
                        new Question("relation", "Is the ring to the left of the star?"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "I cannot say.",
                "",
                "Objects: none\nAction: none\nSetting: none\nRelations: none",
                "Objects:\nyes",
                "no: no: no"
            })
    void shouldNotTakeFactsFromAnAnswerWithoutObjects(String answer) {
        assertThat(FactParser.read(answer, PROMPT)).isEmpty();
    }

    @Test
    void shouldNotBelieveInObjectsThatThePromptDoesNotName() {
        assertThat(FactParser.read(ANSWER, "slowly and smoothly")).isEmpty();
        assertThat(FactParser.read(ANSWER, "A star.").orElseThrow().objects())
                .containsExactly("star");
    }

    @Test
    void shouldKnowAThingByItsLooksWhenTheModelCallsItByAnotherName() {
        var answer = "Objects: striped gray cat, dotted green watch, blue dragon";
        var prompt = "A striped gray kitten sits on a dotted green wristwatch.";
        assertThat(FactParser.read(answer, prompt).orElseThrow().objects())
                .containsExactly("striped gray cat", "dotted green watch");
    }

    @Test
    void shouldHoldDirectionsAgainstThePromptWhenTheModelTakesLeftForRight() {
        var prompt =
                "A green cat is to the left of a red box. It slides slowly to the right. The camera pans to the left.";
        var answer =
                "Objects: green cat, red box\n"
                        + "Action: the green cat slides slowly to the left\n"
                        + "Relations: green cat right of red box";
        var facts = FactParser.read(answer, prompt).orElseThrow();
        assertThat(facts.deeds())
                .containsExactly(new Deed(0, "the cat slides slowly to the right", false));
        assertThat(facts.relations())
                .containsExactly(new Relation("green cat", Kind.LEFT_OF, "red box"));
        // Told from the other side, it is no mistake.
        var turned = answer.replace("green cat right of red box", "red box right of green cat");
        assertThat(FactParser.read(turned, prompt).orElseThrow().relations())
                .containsExactly(new Relation("red box", Kind.RIGHT_OF, "green cat"));
    }

    @Test
    void shouldFindARelationInThePromptWhenTheModelNamesNone() {
        var prompt =
                "A person in orange clothes waits. The person is on top of a plain white apple.";
        var answer = "Objects: person in orange clothes, white apple\nRelations: none";
        assertThat(FactParser.read(answer, prompt).orElseThrow().relations())
                .containsExactly(
                        new Relation("person in orange clothes", Kind.ON, "plain white apple"));
    }

    @Test
    void shouldKnowWhatActs() {
        var facts = FactParser.read(ANSWER, PROMPT).orElseThrow();
        assertThat(facts.actor()).isZero();
        // The prompt decides who acts, whatever the model read.
        var prompt =
                "A striped red ring is beside a blue star. The star slides slowly to the left.";
        assertThat(FactParser.read(ANSWER, prompt).orElseThrow().actor()).isEqualTo(1);
    }

    @Test
    void shouldFallBackToRulesThatGiveTheSameFactsEveryTime() {
        var prompt =
                "A striped red ring is to the left of a blue star. It slides over the navy background.";
        var facts = FactParser.byRules(prompt, "red ring");
        assertThat(facts.source()).isEqualTo(PromptFacts.Source.RULES);
        assertThat(facts.objects()).containsExactly("striped red ring", "blue star");
        assertThat(facts.setting()).isEqualTo("navy background");
        assertThat(facts.relations())
                .containsExactly(new Relation("striped red ring", Kind.LEFT_OF, "blue star"));
        assertThat(FactParser.byRules(prompt, "red ring")).isEqualTo(facts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "slowly and smoothly", "!!!", "42"})
    void shouldFindNothingInAPromptWithoutObjects(String prompt) {
        var facts = FactParser.byRules(prompt, null);
        assertThat(facts.objects()).isEmpty();
        assertThat(Questions.of(facts)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "slides,sliding",
        "moves,moving",
        "spins,spinning",
        "hops,hopping",
        "rises,rising",
        "gets,getting",
        "rotates,rotating",
        "bounces,bouncing",
        "shrinks,shrinking",
        "goes,going",
        "flies,flying",
        "pushes,pushing",
        "sees,seeing"
    })
    void shouldFormTheParticiple(String verb, String participle) {
        assertThat(Questions.gerund(verb)).isEqualTo(participle);
    }

    @ParameterizedTest
    @CsvSource({
        "ring left of box,LEFT_OF",
        "the ring to the right of the box,RIGHT_OF",
        "a ring is on the box,ON",
        "ring behind box,BEHIND"
    })
    void shouldReadRelations(String text, Kind kind) {
        assertThat(Relation.parse(text)).contains(new Relation("ring", kind, "box"));
    }

    @Test
    void shouldReadTheForeground() {
        assertThat(Relation.parse("a cat in the foreground"))
                .contains(new Relation("cat", Kind.FOREGROUND, "cat"));
        assertThat(Relation.parse("nothing in particular")).isEmpty();
    }

    /** Whoever sends this to a farm must not hold a worker with it. */
    @Test
    @Timeout(20)
    void shouldNotTakeMinutesForALongPrompt() {
        String prompt = "striped ".repeat(100_000) + PROMPT;
        assertThat(FactParser.read(ANSWER, prompt)).isPresent();
        assertThat(FactParser.byRules(prompt, null).objects()).contains("blue star");
    }

    @Test
    void shouldNotAskWhatItCannotPutIntoAQuestion() {
        assertThat(Questions.action("snow falls", List.of("red ring"))).isEmpty();
        assertThat(Questions.action("the ring", List.of("red ring"))).isEmpty();
    }
}
