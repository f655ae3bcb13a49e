package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.qwen.TextGenerator.Watch;
import dev.reelrank.testsupport.RelativeError;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole model against transformers, in float32 on a tiny random configuration. */
class ParityIT {
    private static final Set<Integer> NO_STOP = Set.of(-1);
    private static final JsonNode EXPECTED = Fixtures.expected();
    private static QwenModel model;

    @BeforeAll
    static void load() {
        model = Fixtures.model(QwenPrecision.FP32);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static JsonNode expected(String name) {
        return EXPECTED.get("cases").get(name);
    }

    private static List<Integer> integers(JsonNode node) {
        var values = new ArrayList<Integer>();
        node.forEach(v -> values.add(v.asInt()));
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "two", "none", "again"})
    void shouldWriteTheChatByteForByteAndTokenizeIt(String name) {
        var chat = Fixtures.chats().get(name);
        var one =
                ChatLayout.text(
                        chat, chat.stream().flatMap(t -> t.images().stream()).map(i -> 1).toList());
        assertThat(one).isEqualTo(expected(name).get("text").asText());
        var prompt = model.encode(chat).ids();
        assertThat(Arrays.stream(prompt).boxed().toList())
                .isEqualTo(integers(expected(name).get("ids")));
    }

    @Test
    void shouldTokenizeAsTheModelsOwnFileSays() {
        EXPECTED.get("tokens")
                .fields()
                .forEachRemaining(
                        e ->
                                assertThat(
                                                Arrays.stream(model.tokenizer().encode(e.getKey()))
                                                        .boxed()
                                                        .toList())
                                        .as(e.getKey())
                                        .isEqualTo(integers(e.getValue())));
        EXPECTED.get("specialTokens")
                .fields()
                .forEachRemaining(
                        e ->
                                assertThat(model.tokenizer().id(e.getKey()))
                                        .isEqualTo(e.getValue().asInt()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "two"})
    void shouldPlaceTokensInTimeHeightAndWidth(String name) {
        var chat = Fixtures.chats().get(name);
        var positions = model.engine().positions(model.encode(chat));
        for (var axis = 0; axis < 3; axis++) {
            assertThat(
                            Arrays.stream(positions.axes()[axis])
                                    .mapToInt(p -> (int) p)
                                    .boxed()
                                    .toList())
                    .as("axis %d", axis)
                    .isEqualTo(integers(expected(name).get("positions").get(axis)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "two"})
    void shouldSeePicturesAsTransformersDoes(String name) {
        var pictures =
                Fixtures.chats().get(name).stream().flatMap(t -> t.images().stream()).toList();
        try (var scope = TensorScope.open()) {
            var features = model.engine().features(pictures);
            var tokens =
                    Ops.floats(
                            Ops.cat(
                                    0,
                                    features.stream()
                                            .map(VisionTower.Features::tokens)
                                            .toArray(org.bytedeco.pytorch.Tensor[]::new)));
            assertThat(RelativeError.of(tokens, Fixtures.tensor(name + ".vision")))
                    .isLessThan(1e-5);
            for (var i = 0; i < 3; i++) {
                var level = i;
                var deep =
                        Ops.floats(
                                Ops.cat(
                                        0,
                                        features.stream()
                                                .map(f -> f.deepstack().get(level))
                                                .toArray(org.bytedeco.pytorch.Tensor[]::new)));
                assertThat(RelativeError.of(deep, Fixtures.tensor(name + ".deepstack." + i)))
                        .isLessThan(1e-5);
            }
        }
    }

    @Test
    void shouldSeePicturesTogetherAsEachAlone() {
        var pictures =
                List.of(
                        Fixtures.picture(64, 48, 0),
                        Fixtures.picture(96, 64, 1),
                        Fixtures.picture(64, 48, 2),
                        Fixtures.picture(96, 64, 3));
        try (var scope = TensorScope.open()) {
            var together = model.engine().features(pictures);
            for (var i = 0; i < pictures.size(); i++) {
                var alone = model.engine().features(List.of(pictures.get(i))).get(0);
                assertThat(
                                RelativeError.of(
                                        Ops.floats(together.get(i).tokens()),
                                        Ops.floats(alone.tokens())))
                        .as("picture %d", i)
                        .isLessThan(1e-5);
                assertThat(
                                RelativeError.of(
                                        Ops.floats(together.get(i).deepstack().get(1)),
                                        Ops.floats(alone.deepstack().get(1))))
                        .as("deepstack of picture %d", i)
                        .isLessThan(1e-5);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "two", "none", "again"})
    void shouldGiveTheLogitsOfPrefillAndOfEveryCachedStep(String name) {
        var steps = Fixtures.tensor(name + ".steps");
        var width = Fixtures.tensor(name + ".prefill").length;
        var greedy = integers(expected(name).get("greedy"));
        var logits =
                model.engine()
                        .forcedLogits(
                                model.encode(Fixtures.chats().get(name)), greedy.subList(0, 11));
        assertThat(logits).hasSize(12);
        assertThat(RelativeError.of(logits.get(0), Fixtures.tensor(name + ".prefill")))
                .isLessThan(1e-4);
        for (var step = 0; step < 12; step++) {
            assertThat(
                            RelativeError.of(
                                    logits.get(step),
                                    Arrays.copyOfRange(steps, step * width, (step + 1) * width)))
                    .as("step %d", step)
                    .isLessThan(1e-4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "two", "none", "again"})
    void shouldChooseTheSameTokensGreedily(String name) {
        var made =
                model.generate(
                        List.of(Fixtures.chats().get(name)),
                        Decoding.greedy(64),
                        Watch.NONE,
                        NO_STOP);
        assertThat(made.get(0).ids()).isEqualTo(integers(expected(name).get("greedy")));
        assertThat(made.get(0).complete()).isFalse();
    }

    @Test
    void shouldChooseTheSameTokensInABatchOfDifferentLengths() {
        var names = List.of("one", "two", "none", "again");
        var chats = names.stream().map(Fixtures.chats()::get).toList();
        var made = model.generate(chats, Decoding.greedy(64), Watch.NONE, NO_STOP);
        for (var i = 0; i < names.size(); i++) {
            assertThat(made.get(i).ids())
                    .as(names.get(i))
                    .isEqualTo(integers(expected(names.get(i)).get("greedyInBatch")));
        }
    }

    @Test
    void shouldAskSeveralQuestionsInOnePassAsIfEachStoodAlone() {
        var questions = new ArrayList<String>();
        EXPECTED.get("questions").fieldNames().forEachRemaining(questions::add);
        var answers =
                model.ask(
                        "Look at the image. Answer the question with yes or no.",
                        List.of(Fixtures.picture(64, 48, 0)),
                        questions,
                        List.of("yes", "Yes"),
                        List.of("no", "No"));
        for (var i = 0; i < questions.size(); i++) {
            var wanted = EXPECTED.get("questions").get(questions.get(i));
            assertThat(answers.get(i).probability())
                    .isCloseTo(
                            wanted.get("probability").asDouble(),
                            org.assertj.core.api.Assertions.within(1e-4));
            assertThat(answers.get(i).yes())
                    .isCloseTo(
                            wanted.get("yes").asDouble(),
                            org.assertj.core.api.Assertions.withinPercentage(0.1));
        }
    }
}
