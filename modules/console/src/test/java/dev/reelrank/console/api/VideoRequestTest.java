package dev.reelrank.console.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.console.web.Problem;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VideoRequestTest {
    private static final byte[] IMAGE = {1};

    private static VideoRequest request(
            @Nullable String size, @Nullable String seconds, @Nullable String extension) {
        return VideoRequest.of("a cat", IMAGE, null, size, seconds, extension);
    }

    @Test
    void shouldTurnOpenAisFieldsIntoTheConfiguration() {
        var candidate = request("1280x720", "5", null).configuration().candidate();
        assertThat(candidate.width()).isEqualTo(1280);
        assertThat(candidate.height()).isEqualTo(720);
        assertThat(candidate.frames()).isEqualTo(81);
    }

    @Test
    void shouldTakeOurParametersUnderOneKey() {
        var request =
                request(
                        null,
                        null,
                        "{\"seeds\": [4, 5], \"preset\": \"lightning-4step\", \"subject\": \"cat\","
                                + " \"settings\": {\"candidate.crf\": 20}}");
        assertThat(request.subject()).isEqualTo("cat");
        assertThat(request.configuration().candidate().seeds()).containsExactly(4L, 5L);
        assertThat(request.configuration().candidate().crf()).isEqualTo(20);
        assertThat(request.configuration().candidate().steps()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "12 by 7 |   |                                   | WIDTHxHEIGHT",
                "        | x |                                   | seconds",
                "        |   | [1]                               | JSON object",
                "        |   | {\"seed\": [1]}                   | has no 'seed'",
                "        |   | {\"settings\": {\"candidate.stepz\": 4}} | stepz",
                "        |   | {\"seeds\": [-1]}                 | seeds",
                "        |   | {\"preset\": \"best\"}            | best",
                "        |   | {                                 | not JSON",
            })
    void shouldNameWhatIsWrong(
            @Nullable String size,
            @Nullable String seconds,
            @Nullable String extension,
            String named) {
        assertThatThrownBy(() -> request(size, seconds, extension))
                .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.status()).isEqualTo(400))
                .hasMessageContaining(named);
    }

    @Test
    void shouldAskForAPromptAndAnImage() {
        assertThatThrownBy(() -> VideoRequest.of(" ", IMAGE, null, null, null, null))
                .hasMessageContaining("prompt");
        assertThatThrownBy(() -> VideoRequest.of("a", null, null, null, null, null))
                .hasMessageContaining("input_reference");
    }
}
