package dev.reelrank.bench.conformance;

import dev.reelrank.perception.ClipModel;
import dev.reelrank.perception.PerceptionSettings;
import java.util.List;

/** CLIP: embeddings of pictures and of texts, also of texts past its context. */
final class ClipConformance implements Comparison {
    private final PerceptionSettings settings;

    ClipConformance(PerceptionSettings settings) {
        this.settings = settings;
    }

    @Override
    public void compare(Fixture fixture, Findings findings) {
        try (var model = ClipModel.load(fixture.model(), settings)) {
            for (var entry : fixture.description().path("pictures")) {
                findings.compare(
                        "images",
                        model.embedImages(List.of(fixture.picture(entry.path("picture")))).get(0),
                        fixture.floats(entry.path("embedding")));
            }
            for (var entry : fixture.description().path("texts")) {
                findings.compare(
                        "texts",
                        model.embedText(entry.path("text").asText()),
                        fixture.floats(entry.path("embedding")));
            }
        }
    }
}
