package dev.reelrank.bench.judge;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Features of videos, one file each beside them. Processes that share the folder share the work:
 * each measures the videos in an order of its own and passes over what is there by then.
 */
final class FeatureFiles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<TreeMap<String, Double>> FEATURES = new TypeReference<>() {};

    /** Videos that are measured before their features are kept. */
    private static final int TOGETHER = 4;

    private final Path folder;

    FeatureFiles(Path folder) {
        this.folder = folder;
    }

    /** Whether a video was measured. */
    boolean has(Path video) {
        return Files.exists(file(video));
    }

    /** The features of a video that was measured. */
    Map<String, Double> of(Path video) {
        try {
            return JSON.readValue(file(video).toFile(), FEATURES);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file(video), e);
        }
    }

    /**
     * Measures what is missing.
     *
     * @param videos of the items
     * @param measure the features of each of some items, in their order
     */
    <T> void complete(
            List<T> items,
            Function<T, Path> videos,
            Function<List<T>, List<Map<String, Double>>> measure) {
        Predicate<T> missing = item -> !has(videos.apply(item));
        var left = new ArrayList<>(items.stream().filter(missing).toList());
        Collections.shuffle(left, new Random());
        while (!left.isEmpty()) {
            List<T> some = List.copyOf(left.subList(0, Math.min(left.size(), TOGETHER)));
            var features = measure.apply(some);
            for (int i = 0; i < some.size(); i++) {
                write(videos.apply(some.get(i)), features.get(i));
            }
            left.removeIf(missing.negate());
        }
    }

    private void write(Path video, Map<String, Double> features) {
        try {
            // Another process may measure the same video, and a third may read it.
            WholeFile.write(file(video), JSON.writeValueAsBytes(new TreeMap<>(features)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    private Path file(Path video) {
        return folder.resolve(video.getFileName() + ".json");
    }
}
