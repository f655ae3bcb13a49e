package dev.reelrank.pipeline.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import java.util.List;
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
