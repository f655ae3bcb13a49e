package dev.reelrank.pipeline.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class InputKeyTest {
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);

    @Test
    void shouldIgnoreWhereAnInputIsAndWhoMadeIt() {
        var here = ranking("store:blobs/x", "work-1");
        var there = ranking("file:/elsewhere/x", "work-2");
        assertThat(InputKey.of(1, here, "f", "fp32")).isEqualTo(InputKey.of(1, there, "f", "fp32"));
    }

    @Test
    void shouldDifferWhenAnyInputDiffers() {
        var base = new PromptRequest("a ring", blob(A), PromptConfig.defaults());
        var key = InputKey.of(1, base, "f", "fp32");
        assertThat(InputKey.of(2, base, "f", "fp32")).isNotEqualTo(key);
        assertThat(InputKey.of(1, base, "g", "fp32")).isNotEqualTo(key);
        assertThat(InputKey.of(1, base, "f", "bf16")).isNotEqualTo(key);
        assertThat(InputKey.of(1, new PromptRequest("a rinG", blob(A), base.config()), "f", "fp32"))
                .isNotEqualTo(key);
        assertThat(InputKey.of(1, new PromptRequest("a ring", blob(B), base.config()), "f", "fp32"))
                .isNotEqualTo(key);
    }

    @Test
    void shouldNotLetTextImitateStructure() {
        var one = new PromptRequest("x\";image=BlobRef(", blob(A), PromptConfig.defaults());
        var other = new PromptRequest("x", blob(A), PromptConfig.defaults());
        assertThat(InputKey.of(1, one, "f", "p")).isNotEqualTo(InputKey.of(1, other, "f", "p"));
    }

    /** Keys that the version before the first additions to CandidateConfig computed. */
    @Test
    void shouldStillFindResultsThatWereStoredBeforeAConfigurationGrew() {
        var plain =
                new CandidateRequest("a ring", blob(A), 7, CandidateConfig.defaults().withSeed(7));
        assertThat(InputKey.of(2, plain, "f", "fp32"))
                .isEqualTo("242c8b1d36d1585e285b13354c26d67d7cf5da56eb6c4a3e1774444032f4cc76");
        var full = new CandidateRequest("a ring", null, 8, full(null, Map.of()));
        assertThat(InputKey.of(2, full, "f", "bf16"))
                .isEqualTo("c463aa9ff6fda52e369c8c19c5dcea96ad2a6bc0e86962d0a0e2541fc3f215d8");
    }

    @Test
    void shouldKnowAModelByItsContentAndAParameterByItsValue() {
        var base = new CandidateRequest("a ring", null, 8, full(null, Map.of()));
        var named = new CandidateRequest("a ring", null, 8, full("wan", Map.of()));
        var more = new CandidateRequest("a ring", null, 8, full(null, Map.of("guidanceLow", 3.0)));
        var less = new CandidateRequest("a ring", null, 8, full(null, Map.of("guidanceLow", 2.0)));
        String key = InputKey.of(2, base, "f", "bf16");
        assertThat(InputKey.of(2, named, "f", "bf16")).isEqualTo(key);
        assertThat(InputKey.of(2, more, "f", "bf16"))
                .isNotEqualTo(key)
                .isNotEqualTo(InputKey.of(2, less, "f", "bf16"));
    }

    private static CandidateConfig full(String model, Map<String, Double> parameters) {
        return new CandidateConfig(
                model,
                List.of(8L),
                8,
                1280,
                720,
                "short-side",
                81,
                16.0,
                3.5,
                "blurry",
                "unipc",
                5.0,
                0.875,
                parameters,
                List.of(new CandidateConfig.Lora("lightning", 0.5)),
                "bf16",
                "swap",
                "h265",
                20);
    }

    private static RankingRequest ranking(String uri, String workId) {
        var video = new BlobRef(uri, B, 10, "video/mp4");
        return new RankingRequest(
                "p",
                "q",
                null,
                blob(A),
                List.of(new CandidateVideo(7, video, workId)),
                RankingConfig.defaults());
    }

    private static BlobRef blob(String sha) {
        return new BlobRef("store:blobs/" + sha, sha, 1, "image/png");
    }
}
