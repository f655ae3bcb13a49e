package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.grading.prompt.Deed;
import dev.reelrank.grading.prompt.FactParser;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.prompt.Questions;
import dev.reelrank.grading.prompt.Questions.Question;
import dev.reelrank.grading.prompt.WrittenFaith;
import dev.reelrank.grading.spatial.Movement;
import dev.reelrank.testbed.Action;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.WrittenPrompts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from a prompt without any model. */
final class PromptFactsTest {
    private static final Map<Action, Movement> MOVEMENTS =
            Map.of(
                    Action.LEFT, Movement.LEFT,
                    Action.RIGHT, Movement.RIGHT,
                    Action.UP, Movement.UP,
                    Action.DOWN, Movement.DOWN,
                    Action.GROW, Movement.GROW,
                    Action.SHRINK, Movement.SHRINK,
                    Action.ROTATE_CLOCKWISE, Movement.CLOCKWISE,
                    Action.ROTATE_COUNTERCLOCKWISE, Movement.COUNTERCLOCKWISE,
                    Action.BOUNCE, Movement.BOUNCE);

    @Test
    void shouldReadThousandsOfPromptsAsTheirScenesSay() {
        var wrong = new ArrayList<String>();
        int all = 0;
        for (int i = 0; i < 1000; i++) {
            Scene scene = SceneMaker.scene(Split.VALIDATION.seed(i));
            String prompt = Prompts.verbose(scene, i % 4);
            var facts = FactParser.byRules(prompt, null);
            all++;
            if (facts.objects().size() != scene.subjects().size()
                    || !movements(facts, 0).equals(List.of(MOVEMENTS.get(scene.action())))
                    || !facts.absent().isEmpty()) {
                wrong.add(prompt + " -> " + facts);
            }
        }
        assertThat(wrong).as("%d of %d", wrong.size(), all).isEmpty();
    }

    private static List<Movement> movements(PromptFacts facts, int actor) {
        return facts.deeds().stream()
                .filter(d -> d.actor() == actor)
                .flatMap(d -> Movement.of(d).stream())
                .distinct()
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    The elephant dances on the table. | elephant | ANY
                    Blue cat. | blue cat |
                    A yellow star does not move at all. | yellow star | STILL
                    A resting cat. | resting cat | STILL
                    Leftward drifts the green fish. | green fish | LEFT
                    Up goes the pink heart. | pink heart | UP
                    The heart never rises; it sinks. | heart | DOWN
                    Instead of rising, the apple sinks. | apple | DOWN
                    Without moving, the yellow star sits in the middle. | yellow star | STILL
                    To the right, not to the left, slides the watch. | watch | RIGHT
                    A fish, not a cat, swims to the left. | fish | LEFT
                    The robot oscillates. | robot | ANY
                    Make the star spin clockwise. | star | CLOCKWISE
                    A motionless ring on a navy background. | motionless ring | STILL
                    A person in red clothes walks to the right. | person in red clothes | RIGHT
                    The ring stays still while the camera pans to the left. | ring | STILL
                    An orange triangle is slowly turning counterclockwise. | orange triangle | COUNTERCLOCKWISE
                    The tall trees sway. | tall trees | ANY
                    The apple keeps perfectly still. | apple | STILL
                    The mushroom gets bigger and bigger. | mushroom | GROW
                    The kitten hops up and down. | kitten | BOUNCE
                    A purple heart without any motion. | purple heart | STILL
                    No cat is here, only a green mushroom that grows. | green mushroom | GROW
                    Clockwise is how the striped blue star turns. | striped blue star | CLOCKWISE
                    A white mushroom swells up like a balloon. | white mushroom | GROW
                    A cat that is no cat but a purple fish swims to the right. | purple fish | RIGHT
                    Although it looks fast, the blue watch does not move. | blue watch | STILL
                    """)
    void shouldReadWhoDoesWhatInUnusualWords(String prompt, String object, String movement) {
        var facts = FactParser.byRules(prompt, null);
        assertThat(facts.objects()).containsExactly(object);
        assertThat(movements(facts, 0))
                .isEqualTo(movement == null ? List.of() : List.of(Movement.valueOf(movement)));
    }

    @Test
    void shouldKnowThatBothAct() {
        for (String prompt :
                List.of(
                        "A red ring and a blue square. Both slide left.",
                        "The ring and the square both slide left.",
                        "A ring and a square slide left.")) {
            var facts = FactParser.byRules(prompt, null);
            assertThat(facts.objects()).as(prompt).hasSize(2);
            assertThat(movements(facts, 0)).as(prompt).containsExactly(Movement.LEFT);
            assertThat(movements(facts, 1)).as(prompt).containsExactly(Movement.LEFT);
        }
    }

    @Test
    void shouldKnowWhichOfTwoActs() {
        var facts =
                FactParser.byRules(
                        "A red ring is to the left of a blue star. The star turns clockwise while"
                                + " the ring stays still.",
                        null);
        assertThat(facts.objects()).containsExactly("red ring", "blue star");
        assertThat(facts.actor()).isEqualTo(1);
        assertThat(movements(facts, 1)).containsExactly(Movement.CLOCKWISE);
        assertThat(movements(facts, 0)).containsExactly(Movement.STILL);
    }

    @Test
    void shouldAskForTheActionThoughOnlyRulesReadThePrompt() {
        assertThat(Questions.of(FactParser.byRules("The elephant dances on the lawn.", null)))
                .contains(
                        new Question("object", "Is there an elephant?"),
                        new Question("action", "Is the elephant dancing on the lawn?"),
                        new Question("action", "Does the elephant move?"));
    }

    @Test
    void shouldExpectNoWhereThePromptDenies() {
        var facts = FactParser.byRules("A fish, not a cat. The fish does not move.", null);
        assertThat(Questions.of(facts))
                .contains(
                        new Question("object", "Is there a cat?", false),
                        new Question("rest", "Does the fish move?", false));
    }

    @Test
    void shouldFindNoChangeInPromptsThatAreWrittenAsTheSceneSays() {
        var wrong = new ArrayList<String>();
        for (int i = 0; i < 400; i++) {
            Scene scene = SceneMaker.scene(Split.VALIDATION.seed(i));
            String prompt = Prompts.verbose(scene, i % 4);
            for (String written :
                    List.of(WrittenPrompts.ultraEnrich(scene), WrittenPrompts.simplify(scene))) {
                var changes = WrittenFaith.changes(prompt, written);
                if (!changes.isEmpty()) {
                    wrong.add(changes + ": " + prompt + " -> " + written);
                }
            }
        }
        assertThat(wrong).as("%d", wrong.size()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    A blue fish swims to the left. | A blue cat slides slowly to the left. | it does not name the fish
                    A blue fish swims to the left. | A red fish slides slowly to the left. | it leaves out that the fish is blue
                    A blue fish swims to the left. | A blue fish slides slowly to the right. | it turns left into right
                    A star does not move at all. | A star rotates slowly clockwise. | it lets move what is to rest
                    A star grows. | A star stays still. | it lets rest what is to move
                    Two apples roll. | An apple and more apples roll to the left. | it does not say that there are two
                    A fish, not a cat, swims. | A fish swims beside a cat. | it shows the cat that is not to be there
                    """)
    void shouldFindWhatAWrittenPromptChanges(String original, String written, String change) {
        assertThat(WrittenFaith.changes(original, written)).contains(change);
    }

    @Test
    void shouldTakeTheUsersWordsAgainstTheModels() {
        var facts =
                FactParser.read(
                                "Objects: blue cat\n"
                                        + "Action: the blue cat slides to the right\n"
                                        + "Setting: none\n"
                                        + "Relations: none",
                                "A blue fish glides to the left.")
                        .orElseGet(
                                () -> FactParser.byRules("A blue fish glides to the left.", null));
        assertThat(facts.objects()).containsExactly("blue fish");
        assertThat(facts.deeds())
                .containsExactly(new Deed(0, "the fish glides to the left", false));
    }
}
