package dev.reelrank.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 0",
        "bytes=10-19, 10, 19",
        "bytes=90-, 90, 99",
        "bytes=90-500, 90, 99",
        "bytes=-5, 95, 99",
        "bytes=-500, 0, 99",
    })
    void shouldFindThePart(String header, long first, long last) {
        assertThat(ByteRange.of(header, 100)).contains(new ByteRange(first, last));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=-", "bytes=5-4", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b", ""})
    void shouldSendEverythingForWhatIsNoRange(String header) {
        assertThat(ByteRange.of(header, 100)).isEmpty();
    }

    @Test
    void shouldRefuseWhatBeginsBehindTheEnd() {
        assertThatThrownBy(() -> ByteRange.of("bytes=100-", 100)).hasMessageContaining("100 bytes");
        assertThatThrownBy(() -> ByteRange.of("bytes=-0", 100)).isInstanceOf(Problem.class);
    }
}
