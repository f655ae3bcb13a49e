package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.alignment.compare.ComparedClip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GoalsTest {
    private final ObjectNode json = new ObjectMapper().createObjectNode();

    private static Map<String, Double> figures(
            double ghost, double appearance, double warping, double difference, double motion) {
        var figures = new HashMap<String, Double>();
        figures.put(ClipFigures.GHOST, ghost);
        figures.put(ClipFigures.APPEARANCE, appearance);
        figures.put(ClipFigures.ACTION, 1.0);
        figures.put(ClipMetrics.WARPING_ERROR, warping);
        figures.put(ClipMetrics.FRAME_DIFFERENCE, difference);
        figures.put(ClipMetrics.MOTION, motion);
        figures.put("true_" + ClipMetrics.FRAME_DIFFERENCE, 5.0);
        figures.put("true_" + ClipMetrics.MOTION, 1.0);
        return figures;
    }

    private static List<ComparedClip> twenty(
            Map<String, Double> base, Map<String, Double> adapter) {
        var clips = new ArrayList<ComparedClip>();
        for (int i = 0; i < 20; i++) {
            clips.add(new ComparedClip("test-" + i, 1, base, adapter));
        }
        return clips;
    }

    private List<String> missed() {
        var missed = new ArrayList<String>();
        json.path("missed").forEach(m -> missed.add(m.asText()));
        return missed;
    }

    @Test
    void shouldMissNothingWhenGhostsFallByHalf() {
        Goals.rankings(
                json, twenty(figures(0.02, 0.95, 1, 5, 1), figures(0.009, 0.95, 1, 5, 0.97)));
        assertThat(missed()).isEmpty();
        assertThat(json.path("ghostChange").asDouble()).isEqualTo(-0.55);
        assertThat(json.path("samples").asInt()).isEqualTo(20);
    }

    @Test
    void shouldNameEveryGoalOfTheRankingsThatIsMissed() {
        Goals.rankings(json, twenty(figures(0.02, 0.95, 1, 5, 1), figures(0.02, 0.93, 1, 5, 0.9)));
        assertThat(missed())
                .hasSize(4)
                .anyMatch(m -> m.startsWith("ghostChange 0.000"))
                .anyMatch(m -> m.startsWith("the interval"))
                .anyMatch(m -> m.startsWith("appearanceChange -0.0200"))
                .anyMatch(m -> m.startsWith("motionOfTruth 0.900"));
    }

    @Test
    void shouldMeasureSteadinessAgainstTheTruth() {
        Goals.videoDpo(json, twenty(figures(0, 1, 100, 9, 1), figures(0, 1, 70, 5.4, 0.96)));
        assertThat(missed()).isEmpty();
        Goals.videoDpo(json, twenty(figures(0, 1, 100, 9, 1), figures(0, 1, 80, 4, 0.5)));
        assertThat(missed()).hasSize(3);
    }

    @Test
    void shouldCountWinsByTheTaste() {
        var clips = new ArrayList<>(twenty(figures(0, 1, 1, 5, 1), figures(0, 1, 1, 5, 0.9)));
        clips.addAll(
                twenty(figures(0, 1, 1, 5, 1), figures(0, 1, 1, 5, 1.1)).stream()
                        .limit(10)
                        .map(c -> new ComparedClip(c.sample() + "x", 1, c.base(), c.adapter()))
                        .toList());
        Goals.taste(json, clips);
        assertThat(json.path("wins").asDouble()).isEqualTo(0.66667);
        assertThat(json.path("winsLow95").asDouble()).isBetween(0.4, 0.6);
        assertThat(missed()).isEmpty();
        Goals.taste(json, clips.subList(20, 30));
        assertThat(missed()).containsExactly("wins 0.000, target: at least 0.65");
    }
}
