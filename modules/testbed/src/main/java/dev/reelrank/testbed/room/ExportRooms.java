package dev.reelrank.testbed.room;

import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.testbed.Split;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes clips of rooms for training as raw files, little endian, one set per shard: {@code
 * N.rgb.u8} (clips × frames × size × size × 3), {@code N.depth.u16} (clips × frames × size × size,
 * quarter millimetres) and {@code N.cameras.f32} (clips × frames × 13: rotation, translation, focal
 * length in pixels). A shard that is there is complete.
 *
 * <p>With {@code --faulty SHARE} the rooms are plain ({@link RoomMaker#plain}), 17 frames of 128
 * pixels, so many of them bend or swim, and the files are {@code N.rgb.u8} and {@code N.jsonl}, a
 * line of prompt, move and fault per clip.
 *
 * <pre>
 * java -cp … dev.reelrank.testbed.room.ExportRooms --split train --from 0 --count 8192 --out DIR
 *   [--size 112] [--frames 10] [--samples 2] [--shard 512] [--threads N] [--faulty 0.3]</pre>
 */
public final class ExportRooms {
    private final RoomFiles files;

    private ExportRooms(RoomFiles files) {
        this.files = files;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        String out = options.get("--out");
        String count = options.get("--count");
        if (out == null || count == null || args.length % 2 != 0) {
            System.err.println("usage: ExportRooms --split NAME --from N --count N --out DIR");
            System.exit(2);
            return;
        }
        int threads = number(options, "--threads", Runtime.getRuntime().availableProcessors());
        int samples = number(options, "--samples", 2);
        String faulty = options.get("--faulty");
        var export =
                new ExportRooms(
                        faulty == null
                                ? new TruthFiles(
                                        number(options, "--size", 112),
                                        number(options, "--frames", 10),
                                        samples)
                                : new PromptFiles(
                                        number(options, "--size", 128),
                                        number(options, "--frames", 17),
                                        samples,
                                        Double.parseDouble(faulty)));
        Split split = Split.parse(options.getOrDefault("--split", "train"));
        long from = number(options, "--from", 0);
        int shard = number(options, "--shard", 512);
        Path folder = Files.createDirectories(Path.of(out));
        long start = System.nanoTime();
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            for (long at = 0; at < Integer.parseInt(count); at += shard) {
                int clips = (int) Math.min(shard, Integer.parseInt(count) - at);
                export.shard(workers, 4 * threads, split, from + at, clips, folder);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a room could not be rendered", e.getCause());
        } finally {
            workers.shutdownNow();
        }
        System.err.printf(
                Locale.ROOT, "%s rooms in %.1f s%n", count, (System.nanoTime() - start) / 1e9);
    }

    private static int number(Map<String, String> options, String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    private void shard(
            ExecutorService workers, int ahead, Split split, long from, int clips, Path folder)
            throws IOException, InterruptedException, ExecutionException {
        List<String> names = files.names();
        if (Files.exists(folder.resolve(from + "." + names.get(names.size() - 1)))) {
            return;
        }
        List<OutputStream> open = new ArrayList<>();
        try {
            for (String name : names) {
                open.add(open(folder, from, name));
            }
            Deque<Future<byte[][]>> underWay = new ArrayDeque<>();
            for (long i = 0; i < clips || !underWay.isEmpty(); ) {
                while (i < clips && underWay.size() < ahead) {
                    long seed = split.seed(from + i++);
                    underWay.add(workers.submit(() -> files.make(seed)));
                }
                byte[][] made = underWay.remove().get();
                for (int k = 0; k < made.length; k++) {
                    open.get(k).write(made[k]);
                }
            }
        } finally {
            for (OutputStream file : open) {
                file.close();
            }
        }
        for (String name : names) {
            // The files of a shard are written side by side, and named together at its end.
            WholeFile.move(
                    folder.resolve(from + "." + name + ".part"), folder.resolve(from + "." + name));
        }
    }

    private static OutputStream open(Path folder, long shard, String name) throws IOException {
        return new BufferedOutputStream(
                Files.newOutputStream(folder.resolve(shard + "." + name + ".part")), 1 << 20);
    }
}
