package dev.reelrank.qwen.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void shouldCountRunsThatHoldALetterOrDigit() {
        assertThat(Words.count("A red ring - well, 2.5 cm wide -- turns.")).isEqualTo(8);
        assertThat(Words.count("  \n ")).isZero();
        assertThat(Words.count("--- … !!")).isZero();
    }

    @Test
    void shouldCountEachIdeographAndKana() {
        assertThat(Words.count("红色的戒指 turns")).isEqualTo(6);
        assertThat(Words.count("リング")).isEqualTo(3);
        assertThat(Words.count("Кольцо медленно движется")).isEqualTo(3);
    }

    @Test
    void shouldEndASentenceOnlyBeforeSomethingNew() {
        assertThat(Words.sentences("It is 2.5 cm wide. It turns! Does it? e.g. slowly"))
                .containsExactly("It is 2.5 cm wide.", "It turns!", "Does it? e.g. slowly");
        assertThat(Words.sentences("他转动。他停下。")).hasSize(2);
        assertThat(Words.sentences("Wait...")).containsExactly("Wait...");
    }

    @Test
    void shouldFindWhatTwoTextsShare() {
        assertThat(Words.contentStems("The camera shows this green ring rotating"))
                .containsExactly("green", "ring", "rotat");
    }

    @Test
    void shouldMeasureTheShareOfForeignLetters() {
        assertThat(Words.foreignShare("abc где")).isEqualTo(0.5);
        assertThat(Words.foreignShare("123")).isZero();
    }
}
