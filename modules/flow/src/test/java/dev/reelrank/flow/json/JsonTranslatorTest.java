package dev.reelrank.flow.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleSubmitted;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTranslatorTest {
    private static final String SHA = "a".repeat(64);
    private static final String IMAGE =
            "\"image\":{\"uri\":\"file:///in/fox.png\",\"sha256\":\"" + SHA + "\",\"size\":12}";
    private static final String GOOD =
            "{\"run\":\"r\",\"sample\":\"fox\",\"prompt\":\"a fox runs\"," + IMAGE + "}";

    private final Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private final JsonTranslator translator =
            new JsonTranslator(
                    new JsonSources((preset, keys) -> RunConfiguration.defaults(), null), clock);

    @Test
    void shouldMakeASubmissionOfOneSample() {
        List<Event> events = translate(GOOD);

        assertThat(events).hasSize(3);
        assertThat(((RunOpened) events.get(0)).runId()).isEqualTo("r");
        var sample = (SampleSubmitted) events.get(1);
        assertThat(sample.sampleId()).isEqualTo("fox");
        assertThat(sample.originalPrompt()).isEqualTo("a fox runs");
        assertThat(sample.image().sha256()).isEqualTo(SHA);
        assertThat(sample.image().mediaType()).isEqualTo("image/png");
        assertThat(sample.subject()).isNull();
        var closed = (RunClosed) events.get(2);
        assertThat(closed.count()).isEqualTo(1);
        assertThat(closed.submissionId()).isEqualTo(sample.submissionId());
    }

    @Test
    void shouldMakeEqualSubmissionsOfEqualRecordsAndOthersOfOtherOnes() {
        assertThat(submission(GOOD)).isEqualTo(submission(GOOD));
        assertThat(submission(GOOD.replace("fox runs", "fox sits"))).isNotEqualTo(submission(GOOD));
        assertThat(submission(GOOD.replace("{\"run\"", "{\"submission\":\"again\",\"run\"")))
                .isNotEqualTo(submission(GOOD));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "null",
                "7",
                "{",
                "{} {}",
                "{\"run\":\"r\",\"run\":\"s\"}",
                "{\"run\":\"r\"}",
            })
    void shouldRefuseWhatIsNoSubmission(String text) {
        assertThat(refused(text).code()).isEqualTo(FailureCode.INVALID_SAMPLE);
    }

    @Test
    void shouldRefuseBytesThatAreNoText() {
        byte[] bytes = GOOD.replace("fox runs", "f\u00e4hre").getBytes(StandardCharsets.ISO_8859_1);
        var letter = (DeadLetter) translator.translate(bytes, "submissions.json-0@1").get(0);
        assertThat(letter.message()).contains("not UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"run\":\"r\" | \"run\":\"a/b\" | INVALID_SAMPLE_ID | invalid run id",
                "\"sample\":\"fox\" | \"sample\":\"\" | INVALID_SAMPLE_ID | invalid sample id",
                "\"sample\":\"fox\" | \"sample\":7 | INVALID_SAMPLE | 'sample' must be a text",
                "a fox runs | '  ' | EMPTY_PROMPT | 'prompt' is empty",
                "\"prompt\" | \"promt\" | INVALID_SAMPLE | unknown field 'promt'",
                "\"size\":12 | \"size\":0 | INVALID_SAMPLE | 'image.size'",
                "\"uri\" | \"url\" | INVALID_SAMPLE | unknown field 'image.url'",
                "file:///in | http://x | INVALID_SAMPLE | file:///",
                "\"run\":\"r\" | \"config\":[],\"run\":\"r\" | INVALID_SAMPLE | 'config' must be",
            })
    void shouldNameTheFieldThatIsWrong(String part, String instead, FailureCode code, String said) {
        var letter = refused(GOOD.replace(part, instead));
        assertThat(letter.code()).isEqualTo(code);
        assertThat(letter.message()).contains(said).startsWith("submissions.json-0@7: ");
        assertThat(letter.source()).isEqualTo("submissions.json-0@7");
    }

    @Test
    void shouldRefuseImagesThatItCannotKeepOrRead() {
        String text =
                "{\"run\":\"r\",\"sample\":\"fox\",\"prompt\":\"a\",\"image\":{\"base64\":\"%s\"}}";
        var png = refused(text.formatted("iVBORw0KGgoAAAANSUhEUg=="));
        assertThat(png.code()).isEqualTo(FailureCode.INVALID_CONFIG);
        assertThat(png.message()).contains("--store");
        assertThat(refused(text.formatted("aGVsbG8gd29ybGQgaGVsbG8=")).code())
                .isEqualTo(FailureCode.UNREADABLE_IMAGE);
        assertThat(refused(text.formatted("====")).code())
                .isIn(FailureCode.INVALID_SAMPLE, FailureCode.UNREADABLE_IMAGE);
    }

    @Test
    void shouldNotBlameARecordForAStoreThatIsAway() {
        var away =
                new JsonTranslator(
                        new JsonSources(
                                (preset, keys) -> RunConfiguration.defaults(),
                                new ImageStore(
                                        () -> {
                                            throw new StageException(
                                                    FailureCode.STORE_UNAVAILABLE,
                                                    "the store is away");
                                        })),
                        clock);
        byte[] inline =
                "{\"run\":\"r\",\"sample\":\"fox\",\"prompt\":\"a\",\"image\":{\"base64\":\"iVBORw0KGgoAAAANSUhEUg==\"}}"
                        .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> away.translate(inline, "x-0@0")).hasMessageContaining("away");
        // One that needs no store goes on.
        assertThat(away.translate(GOOD.getBytes(StandardCharsets.UTF_8), "x-0@1")).hasSize(3);
    }

    private String submission(String text) {
        return ((SampleSubmitted) translate(text).get(1)).submissionId();
    }

    private DeadLetter refused(String text) {
        List<Event> events = translate(text);
        assertThat(events).hasSize(1);
        return (DeadLetter) events.get(0);
    }

    private List<Event> translate(String text) {
        return translator.translate(text.getBytes(StandardCharsets.UTF_8), "submissions.json-0@7");
    }
}
