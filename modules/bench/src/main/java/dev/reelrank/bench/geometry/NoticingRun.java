package dev.reelrank.bench.geometry;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.geometry.epipolar.EpipolarThreads;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.testbed.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Scores the clips of many rooms, side by side. Each room leaves a file in the work folder, so that
 * an interrupted measurement loses the rooms under way alone.
 *
 * @param noticing scores a room
 * @param split whose rooms
 * @param workers rooms at a time, each with one thread
 * @param kept takes a file per room; null to keep nothing
 * @param progress hears of each room
 */
record NoticingRun(
        RoomNoticing noticing,
        Split split,
        int workers,
        @Nullable Path kept,
        Consumer<String> progress) {
    private static final TypeReference<List<RoomCase>> CASES = new TypeReference<>() {};

    /**
     * The clips of all rooms, in their order.
     *
     * @param from first room
     * @param count how many
     */
    List<RoomCase> cases(int from, int count) throws IOException {
        if (kept != null) {
            Files.createDirectories(kept);
        }
        EpipolarThreads.one();
        var json = new ObjectMapper();
        var pool = Executors.newFixedThreadPool(workers);
        try {
            List<Future<List<RoomCase>>> underWay = new ArrayList<>();
            for (int i = from; i < from + count; i++) {
                int index = i;
                underWay.add(pool.submit(() -> room(json, index)));
            }
            List<RoomCase> cases = new ArrayList<>();
            for (var room : underWay) {
                cases.addAll(room.get());
            }
            return cases;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a room could not be measured", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while rooms were measured", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private List<RoomCase> room(ObjectMapper json, int index) throws IOException {
        Path file =
                kept == null
                        ? null
                        : kept.resolve(
                                "%s-%d.json"
                                        .formatted(split.name().toLowerCase(Locale.ROOT), index));
        if (file != null && Files.isRegularFile(file)) {
            return json.readValue(file.toFile(), CASES);
        }
        List<RoomCase> cases = noticing.scene(split, index);
        if (file != null) {
            // Another process may measure the same room.
            WholeFile.write(file, json.writeValueAsBytes(cases));
        }
        progress.accept("room %d is done".formatted(index));
        return cases;
    }
}
