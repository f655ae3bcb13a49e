package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.compare.ComparedClip;
import dev.reelrank.alignment.compare.ReportFolder;
import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Clips of held-out scenes, base and adapter at equal seeds. Each compared clip is a line of a
 * file, so a comparison that was interrupted goes on.
 */
final class HeldOut {
    private static final double FPS = 8;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path models;
    private final Path file;
    private final Consumer<String> progress;

    /**
     * @param models the testbed's
     * @param file of lines, one per compared clip
     */
    HeldOut(Path models, Path file, Consumer<String> progress) {
        this.models = models;
        this.file = file;
        this.progress = progress;
    }

    /**
     * Makes what is missing.
     *
     * @param base LoRAs of the base
     * @param adapter LoRAs of the other side
     * @param shown clips of the first samples go there side by side
     * @return every compared clip of these samples and seeds
     */
    List<ComparedClip> compare(
            List<SceneSample> samples,
            List<Long> seeds,
            List<LoraSpec> base,
            List<LoraSpec> adapter,
            ReportFolder shown,
            int showing) {
        var known = new ArrayList<>(read());
        var missing = missing(known, samples, seeds);
        if (!missing.isEmpty()) {
            try (var without = Generator.load(models, Device.CPU, 0, base);
                    var with = Generator.load(models, Device.CPU, 0, adapter)) {
                missing.forEach(
                        (sample, seedsLeft) -> {
                            boolean show = samples.indexOf(sample) < showing;
                            known.addAll(clips(sample, seedsLeft, without, with, shown, show));
                            progress.accept(
                                    "held-out scene %d of %d"
                                            .formatted(
                                                    samples.indexOf(sample) + 1, samples.size()));
                        });
            }
        }
        var ids = samples.stream().map(SceneSample::id).toList();
        return known.stream()
                .filter(clip -> ids.contains(clip.sample()) && seeds.contains(clip.seed()))
                .toList();
    }

    private static Map<SceneSample, List<Long>> missing(
            List<ComparedClip> known, List<SceneSample> samples, List<Long> seeds) {
        var done = new HashSet<String>();
        known.forEach(clip -> done.add(clip.sample() + "/" + clip.seed()));
        var missing = new LinkedHashMap<SceneSample, List<Long>>();
        for (SceneSample sample : samples) {
            var left = seeds.stream().filter(s -> !done.contains(sample.id() + "/" + s)).toList();
            if (!left.isEmpty()) {
                missing.put(sample, left);
            }
        }
        return missing;
    }

    private List<ComparedClip> clips(
            SceneSample sample,
            List<Long> seeds,
            Generator without,
            Generator with,
            ReportFolder shown,
            boolean show) {
        var truth = sample.truth();
        RgbImage image = truth.clip().frames().get(0);
        var left = without.generate(sample.prompt(), image, seeds);
        var right = with.generate(sample.prompt(), image, seeds);
        var compared = new ArrayList<ComparedClip>();
        for (int k = 0; k < seeds.size(); k++) {
            if (show && k == 0) {
                shown.show(sample.id(), seeds.get(k), left.get(k), right.get(k), FPS);
            }
            var clip =
                    new ComparedClip(
                            sample.id(),
                            seeds.get(k),
                            ClipFigures.of(sample.scene(), truth, left.get(k)),
                            ClipFigures.of(sample.scene(), truth, right.get(k)));
            compared.add(clip);
            append(clip);
        }
        return compared;
    }

    private List<ComparedClip> read() {
        var clips = new ArrayList<ComparedClip>();
        if (Files.isRegularFile(file)) {
            try {
                for (String line : Files.readAllLines(file)) {
                    clips.add(JSON.readValue(line, ComparedClip.class));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        return clips;
    }

    private void append(ComparedClip clip) {
        try {
            Files.writeString(
                    file,
                    JSON.writeValueAsString(clip) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + file, e);
        }
    }
}
