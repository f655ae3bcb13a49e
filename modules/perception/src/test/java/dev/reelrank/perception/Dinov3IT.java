package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.testsupport.RelativeError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Dinov3IT {
    @ParameterizedTest
    @ValueSource(strings = {"model", "wide"})
    void shouldAgreeWithTransformers(String picture) throws IOException {
        try (var dinov3 = Dinov3.load(Fixtures.path("dinov3"), Fixtures.SETTINGS)) {
            var tokens = dinov3.tokens(Fixtures.picture(picture));

            assertThat(tokens.gridHeight()).isEqualTo(4);
            assertThat(tokens.gridWidth()).isEqualTo(4);
            var all = concatenated(tokens);
            var expected = Fixtures.floats(Fixtures.expected("dinov3").get(picture));
            assertThat(RelativeError.of(all, expected)).isLessThan(1e-4);
        }
    }

    @Test
    void shouldGiveEachPictureTheSameTokensWhateverTheBatch() throws IOException {
        try (var dinov3 = Dinov3.load(Fixtures.path("dinov3"), Fixtures.SETTINGS)) {
            var first = Fixtures.picture("wide");
            var last = Fixtures.picture("tall");
            var many = new ArrayList<>(Collections.nCopies(Dinov3.BATCH + 2, first));
            many.add(last);

            var tokens = dinov3.tokens(many);

            assertThat(tokens).hasSize(Dinov3.BATCH + 3);
            assertThat(
                            RelativeError.of(
                                    tokens.get(Dinov3.BATCH + 1).patches(),
                                    dinov3.tokens(first).patches()))
                    .isLessThan(1e-5);
            assertThat(
                            RelativeError.of(
                                    tokens.get(Dinov3.BATCH + 2).cls(), dinov3.tokens(last).cls()))
                    .isLessThan(1e-5);
            assertThat(dinov3.tokens(List.of())).isEmpty();
        }
    }

    private static float[] concatenated(PatchTokens tokens) {
        var all =
                new float
                        [tokens.cls().length + tokens.registers().length + tokens.patches().length];
        System.arraycopy(tokens.cls(), 0, all, 0, tokens.cls().length);
        System.arraycopy(
                tokens.registers(), 0, all, tokens.cls().length, tokens.registers().length);
        System.arraycopy(
                tokens.patches(),
                0,
                all,
                tokens.cls().length + tokens.registers().length,
                tokens.patches().length);
        return all;
    }
}
