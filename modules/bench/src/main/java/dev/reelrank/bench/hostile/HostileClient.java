package dev.reelrank.bench.hostile;

import dev.reelrank.bus.Connection;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Does hostile acts of all kinds, one after the other, as a seed says. For one thread. */
public final class HostileClient implements AutoCloseable {
    private final Random random;
    private final HostileRecords records;
    private final HostileRequests requests;
    private final List<Assault> dice = new ArrayList<>();
    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();

    /**
     * @param folder for files that it writes
     * @param ports of health pages, may be empty
     */
    public HostileClient(
            Connection connection, ResultStore store, Path folder, List<Integer> ports, long seed)
            throws IOException {
        this.random = new Random(seed);
        Files.createDirectories(folder);
        byte[] picture = picture();
        var events = new HostileEvents(store.putBlob(picture, "image/png"));
        this.records = new HostileRecords(connection, events, store, picture);
        this.requests = new HostileRequests(ports);
        var weights = new LinkedHashMap<>(records.assaults());
        if (!ports.isEmpty()) {
            weights.put(requests, 60);
        }
        var files = new HostileFiles(folder, picture);
        weights.put(files.configurations(), 60);
        weights.put(files.datasets(), 20);
        weights.entrySet().stream()
                // The order of a map without one would be another each time.
                .sorted((a, b) -> a.getKey().kind().compareTo(b.getKey().kind()))
                .forEach(
                        entry -> {
                            for (int i = 0; i < entry.getValue(); i++) {
                                dice.add(entry.getKey());
                            }
                        });
    }

    /** A small picture that every reader can read. */
    static byte[] picture() {
        var rgb = new byte[24 * 16 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 7);
        }
        return Images.png(new RgbImage(24, 16, rgb));
    }

    /** One act. */
    public void strike() {
        Assault assault = dice.get(random.nextInt(dice.size()));
        counts.merge(assault.kind(), 1, Integer::sum);
        try {
            assault.strike(random);
        } catch (Exception | Error e) {
            faults.add(assault.kind() + ": " + e);
        }
    }

    /** How many acts of each kind there were. */
    public Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }

    /** What failed in this process, apart from refusals. */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    /** Waits until the cluster has all records, and closes what it left open. */
    @Override
    public void close() {
        records.close();
        requests.close();
    }
}
