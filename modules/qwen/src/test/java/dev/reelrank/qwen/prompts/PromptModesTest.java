package dev.reelrank.qwen.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import org.junit.jupiter.api.Test;

class PromptModesTest {
    @Test
    void shouldReadEveryModeThatShips() {
        for (var name : PromptModes.names()) {
            var mode = PromptModes.resolve(name, "a cat runs", 40);
            assertThat(mode.isPresent()).as(name).isEqualTo(!name.equals("none"));
            mode.ifPresent(
                    m -> {
                        assertThat(Words.count(m.instruction())).isLessThanOrEqualTo(60);
                        assertThat(m.instruction()).doesNotContain("\n");
                        assertThat(m.seesImage()).isEqualTo(!m.name().equals("simplify_v1"));
                    });
        }
    }

    @Test
    void shouldEnrichInAutoOnlyUnderTheWordCount() {
        assertThat(PromptModes.resolve("auto", "one two three", 4)).isPresent();
        assertThat(PromptModes.resolve("auto", "one two three four", 4)).isEmpty();
    }

    @Test
    void shouldNameTheModesWhenThereIsNoSuchMode() {
        assertThatThrownBy(() -> PromptModes.mode("ultra"))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("simplify_v4");
    }

    @Test
    void shouldRejectAnUnknownKey() {
        var yaml = "instruction: x\nwords: [1, 2]\nsentence: 1\n";
        assertThatThrownBy(() -> PromptModes.read("own", yaml)).hasMessageContaining("sentence");
    }
}
