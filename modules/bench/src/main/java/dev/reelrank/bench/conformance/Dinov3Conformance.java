package dev.reelrank.bench.conformance;

import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.PatchTokens;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.pipeline.RgbImage;
import java.util.List;

/** DINOv3: pixel values, and every token. */
final class Dinov3Conformance implements Comparison {
    private final PerceptionSettings settings;

    Dinov3Conformance(PerceptionSettings settings) {
        this.settings = settings;
    }

    @Override
    public void compare(Fixture fixture, Findings findings) {
        try (var model = Dinov3.load(fixture.model(), settings)) {
            for (var entry : fixture.description().path("pictures")) {
                RgbImage picture = fixture.picture(entry.path("picture"));
                var prepared = model.prepare(picture);
                findings.compare("pixels", prepared.values(), fixture.floats(entry.path("values")));
                findings.compare(
                        "tokens",
                        joined(model.tokensOf(List.of(prepared)).get(0)),
                        fixture.floats(entry.path("tokens")));
            }
        }
    }

    /** In the original's order: the picture's token, registers, patches. */
    private static float[] joined(PatchTokens tokens) {
        var all =
                new float
                        [tokens.cls().length + tokens.registers().length + tokens.patches().length];
        int at = 0;
        for (float[] part : List.of(tokens.cls(), tokens.registers(), tokens.patches())) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
