package dev.reelrank.bench.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.qwen.prompts.PromptModes;
import dev.reelrank.qwen.prompts.PromptRules;
import dev.reelrank.ranking.SubjectPhrase;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.WrittenPrompts;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class WrittenPromptsIT {
    private final PromptRules rules = PromptRules.bundled();

    @Test
    void shouldKeepTheRulesOfTheModesTheyAreWrittenFor() {
        scenes().forEach(
                        scene -> {
                            String original = Prompts.verbose(scene, 0);
                            assertThat(
                                            rules.check(
                                                    PromptModes.mode("ultra_enrich"),
                                                    WrittenPrompts.ultraEnrich(scene),
                                                    original))
                                    .isEmpty();
                            assertThat(
                                            rules.check(
                                                    PromptModes.mode("simplify_v2"),
                                                    WrittenPrompts.simplify(scene),
                                                    original))
                                    .isEmpty();
                        });
    }

    @Test
    void shouldNameASubjectThatTheRerankerFinds() {
        scenes().filter(scene -> scene.second() == null)
                .forEach(
                        scene -> {
                            var found =
                                    SubjectPhrase.find(
                                            WrittenPrompts.ultraEnrich(scene),
                                            Prompts.verbose(scene, 0),
                                            null);
                            assertThat(found).as(WrittenPrompts.ultraEnrich(scene)).isPresent();
                            // The user's own word for it: "kitty" where the written prompt has
                            // "cat".
                            assertThat(found.get().phrase().toLowerCase(Locale.ROOT))
                                    .as(Prompts.verbose(scene, 0))
                                    .containsAnyOf(
                                            scene.first().kind().nouns().toArray(String[]::new));
                        });
    }

    private static Stream<Scene> scenes() {
        return LongStream.range(0, 400).mapToObj(i -> SceneMaker.scene(Split.TEST.seed(i)));
    }
}
