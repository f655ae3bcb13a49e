package dev.reelrank.bench.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FeatureFilesTest {
    @TempDir Path folder;

    @Test
    void shouldMeasureEachVideoOnceHoweverManyRunsShareTheFolder() throws Exception {
        var videos = IntStream.range(0, 40).mapToObj(i -> folder.resolve(i + ".mp4")).toList();
        var measured = new ArrayList<Path>();
        var files = new FeatureFiles(folder);
        files.complete(
                videos,
                Function.identity(),
                some -> {
                    measured.addAll(some);
                    // Meanwhile another run does everything but these.
                    new FeatureFiles(folder)
                            .complete(
                                    videos.stream().filter(v -> !some.contains(v)).toList(),
                                    Function.identity(),
                                    rest -> {
                                        measured.addAll(rest);
                                        return features(rest);
                                    });
                    return features(some);
                });
        assertThat(measured).containsExactlyInAnyOrderElementsOf(videos);
        assertThat(files.of(videos.get(7))).isEqualTo(Map.of("brightness", 7.0));
        try (var names = Files.list(folder)) {
            assertThat(names).as("nothing half-written is left").hasSize(40);
        }
    }

    private static List<Map<String, Double>> features(List<Path> videos) {
        return videos.stream()
                .map(v -> v.getFileName().toString().replace(".mp4", ""))
                .map(n -> Map.of("brightness", Double.valueOf(n)))
                .toList();
    }
}
