package dev.reelrank.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class WordingTest {
    private static final int SCENES = 3000;

    @Test
    void shouldKeepTheWordCountsOfTheModes() {
        scenes().forEach(
                        scene -> {
                            assertThat(Wording.words(WrittenPrompts.ultraEnrich(scene)))
                                    .isBetween(80, 120);
                            assertThat(Wording.words(WrittenPrompts.simplify(scene)))
                                    .as(WrittenPrompts.simplify(scene))
                                    .isBetween(15, 25);
                        });
    }

    @Test
    void shouldStateTheFactsInEveryWording() {
        scenes().limit(300)
                .forEach(
                        scene -> {
                            for (int variant = 0; variant < 4; variant++) {
                                String prompt = Prompts.verbose(scene, variant);
                                assertThat(prompt)
                                        .contains(scene.first().colour().word())
                                        .contains(scene.background().colour().word());
                                assertThat(scene.first().kind().nouns()).anyMatch(prompt::contains);
                            }
                        });
    }

    @Test
    void shouldFindTheFactsInWhatItWrites() {
        scenes().limit(1000)
                .forEach(
                        scene -> {
                            for (String text :
                                    java.util.List.of(
                                            WrittenPrompts.ultraEnrich(scene),
                                            WrittenPrompts.simplify(scene))) {
                                assertThat(PromptTruth.wrong(scene, text)).as(text).isEmpty();
                                assertThat(
                                                PromptTruth.wrong(
                                                        scene.withAction(scene.action().opposite()),
                                                        text))
                                        .as(text)
                                        .hasSize(1);
                            }
                            assertThat(PromptTruth.actions(Prompts.verbose(scene, 0)))
                                    .as(Prompts.verbose(scene, 0))
                                    .containsExactly(scene.action());
                        });
    }

    @Test
    void shouldVaryTheWording() {
        Scene scene = SceneMaker.scene(Split.TEST.seed(3));
        assertThat(
                        LongStream.range(0, 20)
                                .mapToObj(i -> Prompts.verbose(scene, (int) i))
                                .distinct())
                .hasSizeGreaterThan(15);
    }

    @Test
    void shouldAskQuestionsOfBothAnswers() {
        long yes =
                scenes().flatMap(s -> ClipQuestions.about(s).stream())
                        .filter(Question::yes)
                        .count();
        long all = scenes().mapToLong(s -> ClipQuestions.about(s).size()).sum();
        assertThat((double) yes / all).isBetween(.35, .75);
    }

    private static java.util.stream.Stream<Scene> scenes() {
        return LongStream.range(0, SCENES)
                .mapToObj(i -> SceneMaker.scene(Split.VALIDATION.seed(i)));
    }
}
