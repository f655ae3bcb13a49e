package dev.reelrank.pipeline.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.config.TuneConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The input keys of requests as builds computed them whose results lie in stores. Whoever changes
 * one makes farms compute everything anew, and says so in a decision record.
 */
final class GoldenInputKeysTest {
    @Test
    void shouldFindTheStoredResultOfAPrompt() {
        assertKey(
                new PromptRequest("a ring turns", blob("a"), PromptConfig.defaults()),
                "df33dfa231a6718b5b32f22a2e5885df2ca608baebd630b68efd011919b0c8dc");
    }

    @Test
    void shouldFindTheStoredResultOfACandidate() {
        assertKey(
                new CandidateRequest("a ring turns", blob("a"), 42, CandidateConfig.defaults()),
                "17f1e4bd1f5c6f87423b7c31ff600b317da37fa19fadbe8799ea8572bbff17e9");
    }

    @Test
    void shouldFindTheStoredResultOfARanking() {
        assertKey(
                new RankingRequest(
                        "a ring turns",
                        "a golden ring turns",
                        null,
                        blob("a"),
                        List.of(new CandidateVideo(42, blob("b"), "work")),
                        RankingConfig.defaults()),
                "40b5d1cf9e21bdb6a8c650ba3a65239b0bf03ab2fe40c5a00766203cca82fcd4");
    }

    @Test
    void shouldFindTheStoredComparisonOfDrafts() {
        assertKey(
                new RankingRequest(
                                "a ring turns",
                                "a golden ring turns",
                                null,
                                blob("a"),
                                List.of(
                                        new CandidateVideo(42, blob("b"), "work"),
                                        new CandidateVideo(43, blob("c"), "work")),
                                RankingConfig.defaults())
                        .ofDrafts(),
                "333779c9f334faf773607b536a10db4a08299a0f96baf317c7e04c6385a7162e");
    }

    @Test
    void shouldFindTheStoredResultOfAGrade() {
        assertKey(
                new GradeRequest(
                        "a ring turns",
                        "a golden ring turns",
                        "ring",
                        blob("a"),
                        new CandidateVideo(42, blob("b"), "work"),
                        new PreferenceVersion(3, blob("c")),
                        GradeConfig.defaults()),
                "3d2d6b43e65fc6214fcf0edcfe9ba40e889ae7fa83177765ac92611d01cbceb6");
    }

    @Test
    void shouldFindTheStoredResultOfATraining() {
        assertKey(
                new TuneRequest(
                        4,
                        new PreferenceVersion(3, blob("c")),
                        List.of(
                                new PreferencePair(
                                        "s1", "a ring", "jewelry", blob("a"), blob("b"),
                                        blob("d"))),
                        TuneConfig.defaults()),
                "d416f16eccc3228b187ed0344e7cd6610540630960b1c21826f9bca9f88fec85");
    }

    @Test
    void shouldFindTheStoredResultOfAnAdapter() {
        assertKey(
                new AlignRequest(
                        "smooth",
                        "wan",
                        "base",
                        null,
                        blob("a"),
                        List.of(blob("b")),
                        List.of(),
                        AlignConfig.defaults()),
                "221e637538b788844e800c61f0b27cade365d76fac93adeda31a1d28ea9a6075");
        var drawn =
                new PairFacts(
                        "ranking",
                        "ring",
                        "a ring turns",
                        blob("a"),
                        blob("b"),
                        blob("c"),
                        0.1,
                        "wan",
                        "base",
                        CandidateConfig.defaults(),
                        null);
        assertKey(
                new AlignRequest(
                        "smooth",
                        "wan",
                        "base",
                        null,
                        null,
                        List.of(),
                        List.of(drawn),
                        AlignConfig.defaults()),
                "cb43a060a2a41aa87959f852376877c3d62070a8d5bddbdc544b2363cbb2ee92");
    }

    private static void assertKey(StageRequest request, String key) {
        assertThat(InputKey.of(2, request, "fingerprint", "bf16")).isEqualTo(key);
    }

    private static BlobRef blob(String digit) {
        return new BlobRef("store:" + digit, digit.repeat(64), 1, "image/png");
    }
}
