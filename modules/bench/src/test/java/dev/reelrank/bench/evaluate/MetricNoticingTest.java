package dev.reelrank.bench.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.evaluate.MetricNoticing.Count;
import dev.reelrank.bench.evaluate.MetricNoticing.Seen;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MetricNoticingTest {
    private static Seen seen(int scenes, int flicker, int freeze) {
        return new Seen(
                "",
                "",
                "",
                "test",
                scenes,
                Map.of(
                        "FLICKER",
                        Map.of("temporal_flickering", new Count(flicker, scenes)),
                        "FREEZE",
                        Map.of("motion", new Count(freeze, freeze))),
                Map.of(),
                List.of());
    }

    @Test
    void shouldAddUpTheScenesOfAllParts() throws IOException {
        var all = MetricNoticing.of(List.of(seen(40, 40, 40), seen(60, 55, 54)));
        assertThat(all.scenes()).isEqualTo(100);
        assertThat(all.counts().get("FLICKER"))
                .containsEntry("temporal_flickering", new Count(95, 100));
        // What was not measured was not noticed either: 94 of 100, not 94 of 94.
        assertThat(all.missed()).contains("FREEZE: motion sees 94 of 100");
        assertThat(all.missed()).noneMatch(m -> m.startsWith("FLICKER"));
    }
}
