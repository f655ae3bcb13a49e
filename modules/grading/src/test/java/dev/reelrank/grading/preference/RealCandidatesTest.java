package dev.reelrank.grading.preference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.TuneConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Twelve selections on the candidates of the default run, six samples of three seeds, whose
 * candidates differ far less among themselves than samples do. Somebody has a taste for more of one
 * feature; which one it is the training is not told.
 */
final class RealCandidatesTest {
    private static final List<String> LINES = lines();
    private static final List<String> FEATURES = words(0).subList(2, words(0).size());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "subjectConsistency",
                "likeness",
                "textSimilarity",
                "steadiness",
                "smoothness",
                "warpingError",
                "speed",
                "brightness"
            })
    void shouldKeepAVersionAfterTwelveSelectionsOfOneTaste(String taste) {
        int feature = FEATURES.indexOf(taste);
        var pairs = new ArrayList<FeaturePair>();
        bySample()
                .forEach(
                        (sample, videos) -> {
                            videos.sort(Comparator.comparingDouble(v -> -v[feature]));
                            // The best against the second, the second against the last.
                            for (int i = 0; i < 2; i++) {
                                pairs.add(
                                        new FeaturePair(
                                                sample + i,
                                                sample,
                                                videos.get(i),
                                                videos.get(i + 1)));
                            }
                        });
        assertThat(pairs).hasSize(12);
        var trained = Training.train(FEATURES, null, pairs, TuneConfig.defaults());
        assertThat(trained.kept()).isTrue();
        assertThat(trained.heldOutAfter()).isGreaterThanOrEqualTo(0.5);
        // What was learned, it must know.
        assertThat(Training.accuracy(trained.model(), pairs)).isGreaterThan(0.9);
        // And no video of them is liked or disliked beyond all doubt.
        pairs.forEach(
                p -> {
                    assertThat(trained.model().estimate(p.chosen())).isBetween(0.02, 0.98);
                    assertThat(trained.model().estimate(p.rejected())).isBetween(0.02, 0.98);
                });
    }

    private static Map<String, List<double[]>> bySample() {
        Map<String, List<double[]>> samples = new TreeMap<>();
        for (int i = 1; i < LINES.size(); i++) {
            var words = words(i);
            samples.computeIfAbsent(words.get(0), s -> new ArrayList<>())
                    .add(
                            words.subList(2, words.size()).stream()
                                    .mapToDouble(Double::parseDouble)
                                    .toArray());
        }
        return samples;
    }

    private static List<String> words(int line) {
        return Arrays.asList(LINES.get(line).split(" "));
    }

    private static List<String> lines() {
        try (var in = RealCandidatesTest.class.getResourceAsStream("default-run.txt")) {
            return new String(Objects.requireNonNull(in, "no fixture").readAllBytes(), UTF_8)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
