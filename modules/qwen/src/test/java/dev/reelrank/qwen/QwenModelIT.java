package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.qwen.TextGenerator.Watch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QwenModelIT {
    private static QwenModel model;

    @BeforeAll
    static void load() {
        model = Fixtures.model(QwenPrecision.FP32);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static List<Turn> chat() {
        return Fixtures.chats().get("one");
    }

    @Test
    void shouldEndAnAnswerAtAStopTokenAndLeaveItOut() {
        var free =
                model.generate(List.of(chat()), Decoding.greedy(20), Watch.NONE, Set.of(-1)).get(0);
        var stop = free.ids().get(5);
        var end = free.ids().indexOf(stop);
        var stopped =
                model.generate(List.of(chat()), Decoding.greedy(20), Watch.NONE, Set.of(stop))
                        .get(0);
        assertThat(stopped.complete()).isTrue();
        assertThat(stopped.ids()).isEqualTo(free.ids().subList(0, end));
    }

    @Test
    void shouldRepeatASampledAnswerForTheSameSeedOnly() {
        var one = model.generate(List.of(chat()), new Decoding(24, 1.5, 3), Watch.NONE);
        var again = model.generate(List.of(chat()), new Decoding(24, 1.5, 3), Watch.NONE);
        var other = model.generate(List.of(chat()), new Decoding(24, 1.5, 4), Watch.NONE);
        var greedy = model.generate(List.of(chat()), Decoding.greedy(24), Watch.NONE);
        assertThat(again).isEqualTo(one);
        assertThat(other).isNotEqualTo(one);
        assertThat(greedy).isNotEqualTo(one);
    }

    @Test
    void shouldReportProgressAndStopWhenAsked() {
        var steps = new ArrayList<Integer>();
        assertThatThrownBy(
                        () ->
                                model.generate(
                                        List.of(chat()),
                                        Decoding.greedy(50),
                                        (step, of) -> {
                                            steps.add(step);
                                            return step < 3;
                                        }))
                .isInstanceOf(TextGenerator.CancelledException.class);
        assertThat(steps).containsExactly(0, 1, 2, 3);
    }

    @Test
    void shouldRefuseATokenizerThatIsLargerThanTheVocabulary() {
        try (var tokenizer = QwenTokenizer.open(Fixtures.tiny(), 10)) {
            assertThatThrownBy(() -> tokenizer.encode("the red ring"))
                    .hasMessageContaining("vocab_size is 10")
                    .extracting("code")
                    .isEqualTo(FailureCode.MODEL_MISMATCH);
        }
    }

    @Test
    void shouldRefuseMoreTokensThanTheModelTakes() {
        var endless = List.of(Turn.user(List.of(), "ring ".repeat(3000)));
        assertThatThrownBy(() -> model.generate(List.of(endless), Decoding.greedy(8), Watch.NONE))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.PROMPT_TOO_LONG))
                .hasMessageContaining("2048");
    }

    @Test
    void shouldTakeTheSmallestPicture() {
        var tiny = List.of(Turn.user(List.of(Fixtures.picture(1, 1, 0)), "What?"));
        assertThat(model.generate(List.of(tiny), Decoding.greedy(3), Watch.NONE)).hasSize(1);
    }

    @Test
    void shouldAnswerNothingToNothing() {
        assertThat(model.generate(List.of(), Decoding.greedy(3), Watch.NONE)).isEmpty();
        assertThat(model.ask("", List.of(), List.of(), List.of("yes"), List.of("no"))).isEmpty();
    }

    @Test
    void shouldSayWhenAnAnswerIsNoSingleToken() {
        assertThatThrownBy(
                        () ->
                                model.ask(
                                        "",
                                        List.of(),
                                        List.of("Is it?"),
                                        List.of("certainly so"),
                                        List.of("no")))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("certainly so");
    }

    private static Path copy(Path to) throws IOException {
        try (var files = Files.list(Fixtures.tiny())) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    @Test
    void shouldNameWhatIsWrongWithAModelFolder(@TempDir Path folder) throws IOException {
        copy(folder);
        var config = folder.resolve("config.json");
        var right = Files.readString(config);

        Files.writeString(config, right.replace("\"qwen3_vl\"", "\"qwen3_vl_moe\""));
        failsWith(folder, FailureCode.MODEL_MISMATCH, "qwen3_vl_moe");
        Files.writeString(config, right.replace("\"vocab_size\": 320", "\"vocab_size\": 321"));
        failsWith(folder, FailureCode.MODEL_MISMATCH, "embed_tokens");
        Files.writeString(
                config, right.replace("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2"));
        failsWith(folder, FailureCode.MODEL_MISMATCH, "more deepstack");
        Files.writeString(config, right.replace("\"depth\": 4", "\"depth\": 3"));
        failsWith(folder, FailureCode.MODEL_MISMATCH, "blocks.3");
        Files.writeString(config, "{");
        failsWith(folder, FailureCode.MODEL_MISMATCH, "JSON");
        Files.writeString(config, right);

        Files.writeString(folder.resolve("chat_template.jinja"), "[INST] {{ messages }} [/INST]");
        failsWith(folder, FailureCode.MODEL_MISMATCH, "chat template");
        Files.delete(folder.resolve("chat_template.jinja"));
        Files.delete(folder.resolve("model.safetensors"));
        failsWith(folder, FailureCode.MODEL_MISSING, "safetensors");
        Files.delete(folder.resolve("tokenizer.json"));
        failsWith(folder, FailureCode.MODEL_MISSING, "tokenizer.json");
    }

    private static void failsWith(Path folder, FailureCode code, String words) {
        assertThatThrownBy(() -> QwenModel.load(folder, Device.CPU, QwenPrecision.FP32).close())
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(words);
    }
}
