package dev.reelrank.console.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.console.page.WordDifference.Part;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class WordDifferenceTest {
    @Test
    void shouldMarkNewWordsOnly() {
        assertThat(WordDifference.of("the cat jumps", "The red cat jumps high"))
                .containsExactly(
                        new Part("The", false),
                        new Part("red", true),
                        new Part("cat jumps", false),
                        new Part("high", true));
    }

    @Test
    void shouldMarkEverythingWithoutAnEarlierText() {
        assertThat(WordDifference.of("", "a cat")).containsExactly(new Part("a cat", true));
        assertThat(WordDifference.of("a cat", " ")).isEmpty();
    }

    @Property
    void shouldKeepEveryWordInItsPlace(
            @ForAll @AlphaChars @StringLength(max = 30) String a,
            @ForAll @AlphaChars @StringLength(max = 30) String b) {
        String before = a.replace('e', ' ');
        String after = b.replace('e', ' ');
        String again =
                WordDifference.of(before, after).stream()
                        .map(Part::words)
                        .collect(Collectors.joining(" "));
        assertThat(again).isEqualTo(after.strip().replaceAll("\\s+", " "));
    }
}
