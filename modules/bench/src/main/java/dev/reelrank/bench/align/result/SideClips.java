package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.worker.models.FileFingerprints;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Figures of the clips that one generator makes of held-out scenes. Each clip is a line of a file,
 * so what was interrupted goes on. The file is named after LoRAs and kind of device: sides that are
 * equal share it, and comparisons with one base make the base's clips once.
 */
final class SideClips {
    /** Seeds that one worker makes together: they share prompt, image and truth. */
    private static final int TOGETHER = 4;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path models;
    private final Path folder;
    private final Workers workers;
    private final Consumer<String> progress;

    /**
     * @param models the testbed's
     * @param folder of the files; may be shared by processes
     */
    SideClips(Path models, Path folder, Workers workers, Consumer<String> progress) {
        this.models = models;
        this.folder = folder;
        this.workers = workers;
        this.progress = progress;
    }

    /** Which clip. */
    record Key(String sample, long seed) {}

    /** A line. */
    record Line(String sample, long seed, Map<String, Double> figures) {}

    private record Item(Sample sample, List<Long> seeds) {}

    /**
     * Makes what is missing.
     *
     * @param loras of this side
     * @param name for messages
     * @return at least the clips of these samples and seeds
     */
    Map<Key, Map<String, Double>> of(
            List<? extends Sample> samples, List<Long> seeds, List<LoraSpec> loras, String name) {
        Path file = file(loras);
        var known = read(file);
        var items = missing(known, samples, seeds);
        int all = items.stream().mapToInt(item -> item.seeds().size()).sum();
        workers.each(
                items,
                place -> Generator.load(models, place, 0, loras, Precision.FP32),
                (generator, item) -> {
                    var lines = measure(generator, item);
                    synchronized (known) {
                        append(file, lines);
                        int before = known.size();
                        lines.forEach(l -> known.put(new Key(l.sample(), l.seed()), l.figures()));
                        if (before / 64 != known.size() / 64) {
                            progress.accept(
                                    "%s: %d clips, %d were missing"
                                            .formatted(name, known.size(), all));
                        }
                    }
                });
        return known;
    }

    private static List<Item> missing(
            Map<Key, ?> known, List<? extends Sample> samples, List<Long> seeds) {
        var items = new ArrayList<Item>();
        for (Sample sample : samples) {
            var left =
                    seeds.stream()
                            .filter(s -> !known.containsKey(new Key(sample.id(), s)))
                            .toList();
            for (int from = 0; from < left.size(); from += TOGETHER) {
                items.add(
                        new Item(
                                sample,
                                left.subList(from, Math.min(left.size(), from + TOGETHER))));
            }
        }
        return items;
    }

    private static List<Line> measure(Generator generator, Item item) {
        var shown = item.sample().look();
        var clips = generator.generate(item.sample().prompt(), shown.image(), item.seeds());
        var lines = new ArrayList<Line>();
        for (int k = 0; k < clips.size(); k++) {
            lines.add(
                    new Line(
                            item.sample().id(),
                            item.seeds().get(k),
                            shown.figures().apply(clips.get(k))));
        }
        return lines;
    }

    private static Map<Key, Map<String, Double>> read(Path file) {
        var known = new LinkedHashMap<Key, Map<String, Double>>();
        if (Files.isRegularFile(file)) {
            try {
                for (String text : Files.readAllLines(file)) {
                    var line = line(text);
                    if (line != null) {
                        known.put(new Key(line.sample(), line.seed()), line.figures());
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        return known;
    }

    /** Null for a line that a killed process left unfinished: its clip is made again. */
    private static @Nullable Line line(String text) {
        try {
            return JSON.readValue(text, Line.class);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static void append(Path file, List<Line> lines) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            var text = new StringBuilder();
            for (Line line : lines) {
                text.append(JSON.writeValueAsString(line)).append('\n');
            }
            // One write: another process may append to the same file.
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + file, e);
        }
    }

    /** By what decides the pixels; a CPU and a GPU round differently. */
    private Path file(List<LoraSpec> loras) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(workers.devices().get(0).kind().getBytes(StandardCharsets.UTF_8));
            digest.update(
                    FileFingerprints.ofUser()
                            .of(Map.of("wan", models.resolve("wan")))
                            .sha256()
                            .getBytes(StandardCharsets.UTF_8));
            for (LoraSpec lora : loras) {
                digest.update(("+" + lora.strength()).getBytes(StandardCharsets.UTF_8));
                for (Path part : parts(lora.path())) {
                    try (InputStream in = Files.newInputStream(part)) {
                        digest.update(in.readAllBytes());
                    }
                }
            }
            return folder.resolve(
                    "clips-" + HexFormat.of().formatHex(digest.digest(), 0, 6) + ".jsonl");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the LoRAs " + loras, e);
        }
    }

    private static List<Path> parts(Path lora) throws IOException {
        if (Files.isRegularFile(lora)) {
            return List.of(lora);
        }
        try (Stream<Path> files = Files.list(lora)) {
            return files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
        }
    }
}
