package dev.reelrank.bench.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.perception.Instance;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.perception.Sam3;
import java.util.List;

/** SAM3: pixel values, and the instances of a phrase with score, box and mask. */
final class Sam3Conformance implements Comparison {
    private static final double MASK_THRESHOLD = 0.5;

    /** A probability this close to the threshold may round to either side. */
    private static final double UNDECIDED = 1e-4;

    private final PerceptionSettings settings;

    Sam3Conformance(PerceptionSettings settings) {
        this.settings = settings;
    }

    @Override
    public void compare(Fixture fixture, Findings findings) {
        try (var model = Sam3.load(fixture.model(), settings)) {
            for (var entry : fixture.description().path("segments")) {
                var prepared = model.prepare(fixture.picture(entry.path("picture")));
                findings.compare("pixels", prepared.values(), fixture.floats(entry.path("values")));
                compare(
                        fixture,
                        entry,
                        model.segment(
                                prepared,
                                model.read(entry.path("phrase").asText()),
                                entry.path("threshold").asDouble(),
                                MASK_THRESHOLD),
                        findings);
            }
        }
    }

    private static void compare(
            Fixture fixture, JsonNode entry, List<Instance> instances, Findings findings) {
        var scores = new float[instances.size()];
        var boxes = new float[instances.size() * 4];
        for (int i = 0; i < scores.length; i++) {
            var instance = instances.get(i);
            scores[i] = (float) instance.score();
            boxes[i * 4] = (float) instance.box().x0();
            boxes[i * 4 + 1] = (float) instance.box().y0();
            boxes[i * 4 + 2] = (float) instance.box().x1();
            boxes[i * 4 + 3] = (float) instance.box().y1();
        }
        findings.compare("scores", scores, fixture.floats(entry.path("scores")));
        findings.compare("boxes", boxes, fixture.floats(entry.path("boxes")));
        findings.share("masks", differing(instances, fixture.floats(entry.path("masks"))), 0);
    }

    /** The share of pixels on another side of the threshold; NaN for another number of masks. */
    private static double differing(List<Instance> instances, float[] probabilities) {
        int at = 0;
        int apart = 0;
        for (var instance : instances) {
            var mask = instance.mask();
            for (int y = 0; y < mask.height(); y++) {
                for (int x = 0; x < mask.width() && at < probabilities.length; x++, at++) {
                    boolean clear = Math.abs(probabilities[at] - MASK_THRESHOLD) > UNDECIDED;
                    boolean inside = probabilities[at] > MASK_THRESHOLD;
                    apart += clear && mask.at(x, y) != inside ? 1 : 0;
                }
            }
        }
        return at == probabilities.length ? (double) apart / Math.max(1, at) : Double.NaN;
    }
}
