package dev.reelrank.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdsTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "../x", "a/b", "a b", ".hidden", "-x", "a\nb", "ä"})
    void shouldRefuseSampleIdsThatCouldLeaveTheirFolder(String id) {
        assertThatThrownBy(() -> Ids.requireSampleId(id))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_SAMPLE_ID));
    }

    @Test
    void shouldGiveEverySeedOfEverySampleItsOwnWorkId() {
        assertThat(Ids.workId("r", "s", StageName.CANDIDATE, 1L))
                .hasSize(32)
                .isEqualTo(Ids.workId("r", "s", StageName.CANDIDATE, 1L))
                .isNotEqualTo(Ids.workId("r", "s", StageName.CANDIDATE, 2L))
                .isNotEqualTo(Ids.workId("r", "s", StageName.RANKING, null));
    }
}
