package dev.reelrank.testbed.room;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Split;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
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
 * <pre>
 * java -cp … dev.reelrank.testbed.room.ExportRooms --split train --from 0 --count 8192 --out DIR
 *   [--size 112] [--frames 10] [--samples 2] [--shard 512] [--threads N]</pre>
 */
public final class ExportRooms {
    /** Units of a stored depth per metre. */
    private static final double UNITS = 4000;

    private static final int CAMERA = 13;

    private final RoomRenderer renderer;
    private final int size;
    private final int frames;

    private ExportRooms(int size, int frames, int samples) {
        this.renderer = new RoomRenderer(size, size, samples);
        this.size = size;
        this.frames = frames;
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
        var export =
                new ExportRooms(
                        number(options, "--size", 112),
                        number(options, "--frames", 10),
                        number(options, "--samples", 2));
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
        List<String> names = List.of("rgb.u8", "depth.u16", "cameras.f32");
        if (Files.exists(folder.resolve(from + "." + names.get(2)))) {
            return;
        }
        try (OutputStream rgb = open(folder, from, names.get(0));
                OutputStream depth = open(folder, from, names.get(1));
                OutputStream cameras = open(folder, from, names.get(2))) {
            Deque<Future<byte[][]>> underWay = new ArrayDeque<>();
            for (long i = 0; i < clips || !underWay.isEmpty(); ) {
                while (i < clips && underWay.size() < ahead) {
                    long seed = split.seed(from + i++);
                    underWay.add(workers.submit(() -> make(seed)));
                }
                byte[][] made = underWay.remove().get();
                rgb.write(made[0]);
                depth.write(made[1]);
                cameras.write(made[2]);
            }
        }
        for (String name : names) {
            Files.move(
                    folder.resolve(from + "." + name + ".part"),
                    folder.resolve(from + "." + name),
                    StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static OutputStream open(Path folder, long shard, String name) throws IOException {
        return new BufferedOutputStream(
                Files.newOutputStream(folder.resolve(shard + "." + name + ".part")), 1 << 20);
    }

    private byte[][] make(long seed) {
        RoomClip clip = renderer.render(RoomMaker.scene(seed), frames);
        int pixels = size * size;
        byte[][] files = {
            new byte[frames * pixels * 3],
            new byte[frames * pixels * Short.BYTES],
            new byte[frames * CAMERA * Float.BYTES]
        };
        ByteBuffer rgb = ByteBuffer.wrap(files[0]);
        ByteBuffer depth = ByteBuffer.wrap(files[1]).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer cameras = ByteBuffer.wrap(files[2]).order(ByteOrder.LITTLE_ENDIAN);
        for (RgbImage frame : clip.frames()) {
            rgb.put(frame.rgb());
        }
        for (float[] of : clip.depths()) {
            for (float metres : of) {
                depth.putShort((short) Math.min(0xffff, Math.round(metres * UNITS)));
            }
        }
        for (RoomCamera camera : clip.cameras()) {
            for (double value : camera.rotation()) {
                cameras.putFloat((float) value);
            }
            for (double value : camera.translation()) {
                cameras.putFloat((float) value);
            }
            cameras.putFloat((float) camera.focal());
        }
        return files;
    }
}
