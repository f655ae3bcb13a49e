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
                "12 by 7 |     |                      | size              | WIDTHxHEIGHT",
                "7x7     |     |                      | size              | size",
                "        | x   |                      | seconds           | seconds",
                "        | 999 |                      | seconds           | frames",
                "        |     | [1]                  | reelrank          | JSON object",
                "        |     | {                    | reelrank          | not JSON",
                "        |     | {\"seed\": [1]}      | reelrank.seed     | has no 'seed'",
                "        |     | {\"seeds\": [-1]}    | reelrank.seeds    | seeds",
                "        |     | {\"preset\": \"best\"} | reelrank.preset | best",
                "        |     | {\"subject\": [1]}   | reelrank.subject  | must be text",
                "| | {\"settings\": {\"candidate.stepz\": 4}} | reelrank.settings.candidate.stepz | stepz",
            })
    void shouldNameWhatIsWrong(
            @Nullable String size,
            @Nullable String seconds,
            @Nullable String extension,
            String parameter,
            String named) {
        assertThatThrownBy(() -> request(size, seconds, extension))
                .isInstanceOfSatisfying(
                        Problem.class,
                        p -> {
                            assertThat(p.status()).isEqualTo(400);
                            assertThat(p.parameter()).isEqualTo(parameter);
                        })
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
