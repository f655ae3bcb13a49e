package dev.reelrank.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PartTest {
    @Test
    void shouldShareEverySceneOnce() {
        var all = new ArrayList<Integer>();
        for (int k = 0; k < 4; k++) {
            all.addAll(Part.parse(k + "/4").indices(10));
        }
        assertThat(all).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(Part.WHOLE.indices(3)).containsExactly(0, 1, 2);
        assertThat(Part.parse("3/4").indices(2)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "4/4", "-1/4", "0/0", "a/b", "1/2/3"})
    void shouldNameAPartThatIsNone(String text) {
        assertThatThrownBy(() -> Part.parse(text))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("--part '" + text + "'");
    }
}
