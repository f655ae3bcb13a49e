package dev.reelrank.bench.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.cogvideox.CogRandom;
import org.junit.jupiter.api.Test;

final class CogSubjectTest {
    @Test
    void shouldHaveTheShapesOfThePublishedModels() {
        CogRandom text = CogSubject.of("cogvideox-5b").model();
        assertThat(text.latents(49, 720, 480)).containsExactly(1, 16, 13, 60, 90);
        assertThat(text.imageChannels()).isZero();
        assertThat(text.textRows()).isEqualTo(226);
        assertThat(text.textDim()).isEqualTo(4096);
        assertThat(CogSubject.of("cogvideox-5b-i2v").model().imageChannels()).isEqualTo(16);
        // 21 frames and one more in front, as patches cover two.
        assertThat(CogSubject.of("cogvideox-1.5-5b").model().latents(81, 1360, 768))
                .containsExactly(1, 16, 22, 96, 170);
    }

    @Test
    void shouldNameTheModelsThatThereAre() {
        assertThatThrownBy(() -> CogSubject.of("cogvideox-9b"))
                .hasMessageContaining("cogvideox-9b")
                .hasMessageContaining("cogvideox-5b-i2v");
    }
}
