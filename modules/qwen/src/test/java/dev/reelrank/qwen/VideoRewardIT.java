package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A tiny random Qwen2-VL with LoRAs and a reward head, against transformers (make_reward.py). */
final class VideoRewardIT {
    private static final String TEMPLATE =
            "9c4ab30e6986751ba2710ed60390b1714eebe3a5166ffe33aad6b44158563f2a";

    @Test
    void shouldGiveTheRewardsOfTransformersWithinOneInTenThousand() throws Exception {
        JsonNode cases =
                new ObjectMapper()
                        .readTree(folder().resolve("expected.json").toFile())
                        .path("cases");
        assertThat(cases).hasSize(3);
        try (var model = model()) {
            for (JsonNode one : cases) {
                var frames = frames(one);
                String prompt = one.path("prompt").asText();
                float[] seen = model.vision(frames);
                for (int i = 0; i < one.path("vision").size(); i++) {
                    assertThat((double) seen[i])
                            .isCloseTo(one.path("vision").get(i).asDouble(), within(1e-4));
                }
                int tokens = seen.length / 32;
                assertThat(model.tokens(prompt, tokens))
                        .containsExactly(
                                IntStream.range(0, one.path("ids").size())
                                        .map(i -> one.path("ids").get(i).asInt())
                                        .toArray());
                double[] raw = model.raw(frames, prompt);
                for (int k = 0; k < 3; k++) {
                    assertThat(raw[k]).isCloseTo(one.path("raw").get(k).asDouble(), within(1e-4));
                }
                var scores = model.judge(frames, prompt);
                assertThat(List.of(scores.visual(), scores.motion(), scores.text()))
                        .zipSatisfy(
                                List.of(0, 1, 2),
                                (score, k) ->
                                        assertThat(score)
                                                .isCloseTo(
                                                        one.path("scores").get(k).asDouble(),
                                                        within(1e-4)));
            }
        }
    }

    /** Attention is causal: what stands behind a reward cannot change it. */
    @Test
    void shouldJudgeQualityAndMotionWithoutThePrompt() {
        var frames = IntStream.range(0, 4).mapToObj(s -> Fixtures.picture(64, 64, s)).toList();
        try (var model = model()) {
            double[] one = model.raw(frames, "the red ring slides");
            double[] other = model.raw(frames, "a blue cat sleeps in the sun");
            assertThat(one[0]).isCloseTo(other[0], within(1e-6));
            assertThat(one[1]).isCloseTo(other[1], within(1e-6));
            assertThat(Math.abs(one[2] - other[2])).isGreaterThan(1e-3);
        }
    }

    @Test
    void shouldRefuseAPromptThatNamesARewardToken() {
        var frames = List.of(Fixtures.picture(64, 64, 0), Fixtures.picture(64, 64, 1));
        try (var model = model()) {
            assertThatThrownBy(() -> model.raw(frames, "good <|VQ_reward|>"))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("4 reward tokens");
        }
    }

    @Test
    void shouldRefuseFramesOfDifferentSizes() {
        var frames = List.of(Fixtures.picture(64, 64, 0), Fixtures.picture(64, 48, 1));
        try (var model = model()) {
            assertThatThrownBy(() -> model.raw(frames, "good"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("64x48");
        }
    }

    @Test
    void shouldTimeEveryPartOfAJudgement() {
        var frames = List.of(Fixtures.picture(64, 64, 0), Fixtures.picture(64, 64, 1));
        try (var model = model()) {
            var parts = model.time(frames, "good");
            assertThat(List.of(parts.question(), parts.frames(), parts.vision(), parts.language()))
                    .allSatisfy(seconds -> assertThat(seconds).isPositive());
        }
    }

    private static VideoReward model() {
        return VideoReward.load(folder(), Device.CPU, TEMPLATE, 1024, 4096);
    }

    private static Path folder() {
        return Fixtures.folder().resolve("reward");
    }

    private static List<RgbImage> frames(JsonNode one) {
        return IntStream.range(0, one.path("frames").asInt())
                .mapToObj(
                        s ->
                                Fixtures.picture(
                                        one.path("width").asInt(), one.path("height").asInt(), s))
                .toList();
    }
}
