package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes rendered clips for training as raw files: {@code clips.u8}, {@code masks.u8} and {@code
 * scenes.jsonl}; docs/testbed.md has the format. Scenes come in the order of their index.
 *
 * <pre>java -cp … dev.reelrank.testbed.ExportClips --split train --from 0 --count 1000 --out DIR
 *   [--threads N] [--frames 17] [--stills] [--no-masks] [--corrupt none|mixed|NAME]
 *   [--as ACTION] [--empty] [--without-first] [--spoilt SHARE]</pre>
 */
public final class ExportClips {
    private final Options options;
    private final SceneLine lines;

    private ExportClips(Options options) {
        this.options = options;
        this.lines = new SceneLine(options.frames());
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        long start = System.nanoTime();
        new ExportClips(options).run();
        System.err.printf(
                Locale.ROOT,
                "%d scenes of %d frames in %.1f s to %s%n",
                options.count(),
                options.frames(),
                (System.nanoTime() - start) / 1e9,
                options.out());
    }

    private record Made(byte[] frames, byte[] masks, String line) {}

    private void run() throws IOException, InterruptedException {
        Files.createDirectories(options.out());
        ExecutorService workers = Executors.newFixedThreadPool(options.threads());
        try (OutputStream clips = open("clips.u8");
                OutputStream masks = options.masks() ? open("masks.u8") : null;
                PrintStream scenes =
                        new PrintStream(open("scenes.jsonl"), false, StandardCharsets.UTF_8)) {
            Deque<Future<Made>> underWay = new ArrayDeque<>();
            long end = options.from() + options.count();
            for (long i = options.from(); i < end || !underWay.isEmpty(); ) {
                while (i < end && underWay.size() < options.threads() * 4) {
                    long seed = options.split().seed(i++);
                    underWay.add(workers.submit(() -> make(seed)));
                }
                Made made = underWay.remove().get();
                clips.write(made.frames());
                if (masks != null) {
                    masks.write(made.masks());
                }
                scenes.append(made.line()).append('\n');
                if (scenes.checkError()) {
                    throw new IOException("cannot write scenes.jsonl in " + options.out());
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a scene could not be rendered", e.getCause());
        } finally {
            workers.shutdownNow();
        }
    }

    private OutputStream open(String name) throws IOException {
        return new BufferedOutputStream(
                Files.newOutputStream(options.out().resolve(name)), 1 << 20);
    }

    private Made make(long seed) {
        Scene scene = SceneMaker.scene(seed);
        if (options.as() != null) {
            scene = scene.withAction(options.as());
        }
        if (options.empty() || options.withoutFirst()) {
            Clip clip =
                    options.empty()
                            ? Renderer.background(scene, options.frames())
                            : Renderer.withoutFirst(scene, options.frames());
            return new Made(joined(clip), joinedMasks(clip.masks()), lines.write(scene));
        }
        if (new Dice(seed, 402).chance(options.spoilt())) {
            Corrupted made = Corrupted.exposedTwice(scene, options.frames());
            return new Made(
                    joined(made.clip()),
                    joinedMasks(made.clip().masks()),
                    lines.write(scene, scene, made.corruption()));
        }
        Corruption corruption = options.corruptionOf(seed);
        if (corruption == null) {
            Clip clip = Renderer.render(scene, options.frames());
            return new Made(joined(clip), joinedMasks(clip.masks()), lines.write(scene));
        }
        float strength = new Dice(seed, 400).between(.35f, .6f);
        if (corruption == Corruption.COLOUR_DRIFT) {
            strength = 1;
        }
        Corrupted made = Corrupted.make(scene, corruption, options.frames(), strength);
        return new Made(
                joined(made.clip()),
                joinedMasks(made.clip().masks()),
                lines.write(made.asked(), made.shown(), corruption));
    }

    private static byte[] joined(Clip clip) {
        return joinedMasks(clip.frames().stream().map(RgbImage::rgb).toList());
    }

    private static byte[] joinedMasks(List<byte[]> parts) {
        int size = parts.get(0).length;
        byte[] all = new byte[size * parts.size()];
        for (int i = 0; i < parts.size(); i++) {
            System.arraycopy(parts.get(i), 0, all, i * size, size);
        }
        return all;
    }

    private record Options(
            Split split,
            long from,
            long count,
            Path out,
            int threads,
            int frames,
            boolean masks,
            String corrupt,
            @Nullable Action as,
            boolean empty,
            boolean withoutFirst,
            double spoilt) {

        private static final String USAGE =
                "usage: ExportClips --split train|validation|test|samples --from N --count N --out"
                        + " DIR [--threads N] [--frames 17] [--stills] [--no-masks] [--corrupt"
                        + " none|mixed|ghost|…] [--as ACTION] [--empty] [--without-first] [--spoilt"
                        + " SHARE]";

        static Options parse(String[] args) {
            Split split = Split.TRAIN;
            long from = 0;
            long count = 0;
            Path out = null;
            int threads = Runtime.getRuntime().availableProcessors();
            int frames = Renderer.FRAMES;
            boolean masks = true;
            String corrupt = "NONE";
            Action as = null;
            boolean empty = false;
            boolean withoutFirst = false;
            double spoilt = 0;
            for (int i = 0; i < args.length; i++) {
                String name = args[i];
                if (name.equals("--stills")) {
                    frames = 1;
                } else if (name.equals("--no-masks")) {
                    masks = false;
                } else if (name.equals("--empty")) {
                    empty = true;
                } else if (name.equals("--without-first")) {
                    withoutFirst = true;
                } else if (i + 1 == args.length) {
                    throw new IllegalArgumentException(
                            name + " is unknown or lacks its value; " + USAGE);
                } else {
                    String value = args[++i];
                    switch (name) {
                        case "--split" -> split = Split.valueOf(value.toUpperCase(Locale.ROOT));
                        case "--from" -> from = Long.parseLong(value);
                        case "--count" -> count = Long.parseLong(value);
                        case "--out" -> out = Path.of(value);
                        case "--threads" -> threads = Integer.parseInt(value);
                        case "--frames" -> frames = Integer.parseInt(value);
                        case "--corrupt" -> corrupt = value.toUpperCase(Locale.ROOT);
                        case "--spoilt" -> spoilt = Double.parseDouble(value);
                        case "--as" -> as = Action.valueOf(value.toUpperCase(Locale.ROOT));
                        default ->
                                throw new IllegalArgumentException(
                                        "unknown option " + name + "; " + USAGE);
                    }
                }
            }
            if (out == null || count < 1 || threads < 1 || frames < 1 || spoilt < 0 || spoilt > 1) {
                throw new IllegalArgumentException(USAGE);
            }
            return new Options(
                    split,
                    from,
                    count,
                    out,
                    threads,
                    frames,
                    masks,
                    corrupt,
                    as,
                    empty,
                    withoutFirst,
                    spoilt);
        }

        /** Mixed: half of the clips stay clean, the others take turns. */
        @Nullable Corruption corruptionOf(long seed) {
            if (corrupt.equals("NONE")) {
                return null;
            }
            if (!corrupt.equals("MIXED")) {
                return Corruption.valueOf(corrupt);
            }
            Dice dice = new Dice(seed, 401);
            return dice.chance(.5) ? null : dice.pick(Corruption.values());
        }
    }
}
