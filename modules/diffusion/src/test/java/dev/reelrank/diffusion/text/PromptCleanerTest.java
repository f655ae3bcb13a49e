package dev.reelrank.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cleaning agrees with ftfy and html.unescape; make_prompts.py wrote what they answered. */
final class PromptCleanerTest {
    @Test
    void shouldCleanEveryPromptAsTheOriginalsDo() throws Exception {
        var prompts = new ArrayList<String[]>();
        try (var in = getClass().getResourceAsStream("prompts.json")) {
            for (var pair : new ObjectMapper().readTree(in)) {
                prompts.add(new String[] {pair.get(0).asText(), pair.get(1).asText()});
            }
        }
        assertThat(prompts).hasSizeGreaterThan(500);
        var softly = new SoftAssertions();
        for (String[] pair : prompts) {
            softly.assertThat(PromptCleaner.clean(pair[0])).as(pair[0]).isEqualTo(pair[1]);
        }
        softly.assertAll();
    }

    @Test
    void shouldNotOverflowTheStackOnALongDamagedPrompt() {
        String damaged = "\u00d0\u00ba\u00d0\u00be\u00d1\u02c6 ".repeat(20_000) + "\u4e00";
        assertThat(PromptCleaner.clean(damaged)).startsWith("\u043a\u043e\u0448 \u043a");
    }

    /** Whoever sends this to a farm must not hold a worker with it. */
    @Test
    @Timeout(10)
    void shouldNotTakeMinutesForALongRunOfSpaces() {
        assertThat(PromptCleaner.clean(" a" + " ".repeat(400_000) + "b ")).isEqualTo("a b");
    }

    @Property(tries = 500)
    void shouldLeaveNoOuterOrDoubleWhiteSpace(@ForAll String prompt) {
        String cleaned = PromptCleaner.clean(prompt);
        assertThat(cleaned).isEqualTo(cleaned.strip()).doesNotContain("  ");
    }
}
