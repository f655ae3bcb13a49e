package dev.reelrank.evaluation.study;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void shouldGiveZeroNoSign() {
        assertThat(Numbers.signed(0)).isEqualTo("0.0000");
        assertThat(Numbers.signed(-0.0)).isEqualTo("0.0000");
        assertThat(Numbers.signed(-1.1e-16)).isEqualTo("0.0000");
        assertThat(Numbers.plain(-0.0)).isEqualTo("0.0000");
    }

    @Test
    void shouldNotCallASmallDifferenceZero() {
        assertThat(Numbers.signed(-0.00003)).isEqualTo("-3.0e-05");
        assertThat(Numbers.signed(0.00003)).isEqualTo("+3.0e-05");
        assertThat(Numbers.plain(0.00003)).isEqualTo("3.0e-05");
        assertThat(Numbers.signed(-0.00005)).isEqualTo("-0.0001");
        assertThat(Numbers.signed(0.0123)).isEqualTo("+0.0123");
    }

    @Test
    void shouldWriteLargeNumbersWithoutDecimalsAndNoneAsADash() {
        assertThat(Numbers.plain(415.6)).isEqualTo("416");
        assertThat(Numbers.plain(Double.NaN)).isEqualTo("–");
        assertThat(Numbers.csv(Double.NaN)).isEmpty();
    }
}
