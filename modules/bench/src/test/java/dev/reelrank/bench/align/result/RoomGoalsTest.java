package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.alignment.compare.ComparedClip;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RoomGoalsTest {
    @Test
    void shouldMissNothingWhereAllIsReached() {
        assertThat(missed(figures(0.5, 0.02, 0.9), figures(0.3, 0.01, 0.89))).isEmpty();
    }

    @Test
    void shouldMissMotionThatIsLostAndTruthThatIsNotNearer() {
        assertThat(missed(figures(0.5, 0.02, 0.9), figures(0.3, 0.03, 0.8)))
                .hasSize(2)
                .anyMatch(m -> m.startsWith("the interval of the difference of true_error"))
                .anyMatch(m -> m.startsWith("cameraMotionKept 0.889"));
    }

    @Test
    void shouldMissMotionThatTheBaseDoesNotHave() {
        assertThat(missed(figures(0.5, 0.02, 0), figures(0.3, 0.01, 0)))
                .containsExactly("cameraMotionKept NaN, target: at least 0.95");
    }

    @Test
    void shouldMissAScoreThatNoClipHas() {
        assertThat(missed(figures(Double.NaN, 0.02, 0.9), figures(Double.NaN, 0.01, 0.9)))
                .containsExactly("no held-out clip has a epipolar_sampson");
    }

    private static Map<String, Double> figures(double score, double error, double motion) {
        return Map.of("epipolar_sampson", score, "true_error", error, "camera_motion", motion);
    }

    private static List<String> missed(Map<String, Double> base, Map<String, Double> adapter) {
        var clips =
                IntStream.range(0, 100)
                        .mapToObj(i -> new ComparedClip("room-" + i, 1, base, adapter))
                        .toList();
        ObjectNode json = new ObjectMapper().createObjectNode().put("score", "epipolar_sampson");
        RoomGoals.judge(json, new RoomJudge(null), clips);
        return IntStream.range(0, json.path("missed").size())
                .mapToObj(i -> json.path("missed").get(i).asText())
                .toList();
    }
}
