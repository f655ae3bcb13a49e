package dev.reelrank.trainer;

import dev.reelrank.alignment.pairs.PairFile;
import dev.reelrank.alignment.pairs.PairVideo;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A training on tiny random weights: a folder of models, pairs in a store, requests. */
final class TinyTraining {
    private static final Path TINY = Path.of("../modules/wan/src/test/resources/wan/i2v");
    private static final Path FROM_TEXT =
            Path.of("../modules/animatediff/src/test/resources/animatediff/sd");
    private static final Path COG = Path.of("../modules/cogvideox/src/test/resources/cogvideox");
    private static final int WIDTH = 48;
    private static final int HEIGHT = 32;
    private static final int FRAMES = 5;

    private final Path folder;
    private final ResultStore store;
    private final String family;

    TinyTraining(Path folder, ResultStore store) {
        this(folder, store, "wan");
    }

    /** With videos of another family, whose tiny model is in a folder of that name. */
    TinyTraining(Path folder, ResultStore store, String family) {
        this.folder = folder;
        this.store = store;
        this.family = family;
    }

    /** A folder of models as a farm has it. */
    static Path models(Path folder) throws IOException {
        var models = Files.createDirectories(folder.resolve("models"));
        for (var of :
                Map.of(
                                "wan", TINY,
                                "lightning", TINY.resolveSibling("lightning"),
                                "animatediff", FROM_TEXT)
                        .entrySet()) {
            Path link = models.resolve(of.getKey());
            link(link, of.getValue());
        }
        Path cog = Files.createDirectories(models.resolve("cogvideox"));
        // What its tiny models share, and what the one of them has alone.
        for (String of : List.of("base", "i2v")) {
            try (var parts = Files.list(COG.resolve(of))) {
                for (Path part : parts.toList()) {
                    link(cog.resolve(part.getFileName().toString()), part);
                }
            }
        }
        return models;
    }

    private static void link(Path link, Path to) throws IOException {
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, to.toRealPath());
        }
    }

    static AlignStage stage(Path folder, ResultStore store, List<Device> replicas) {
        return stage(folder, store, replicas, ClipJudges.NONE);
    }

    static AlignStage stage(
            Path folder, ResultStore store, List<Device> replicas, ClipJudges judges) {
        try {
            return new AlignStage(
                    GeneratorFamilies.all(),
                    ModelFolders.of(models(folder)),
                    new FileFingerprints(folder.resolve("cache")),
                    () -> store,
                    Device.CPU,
                    replicas,
                    judges);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static AlignConfig config(int steps, int checkpointEvery, double rate, double heldOut) {
        return config(null, steps, checkpointEvery, rate, heldOut);
    }

    static AlignConfig config(
            @Nullable String model, int steps, int checkpointEvery, double rate, double heldOut) {
        return new AlignConfig(
                model,
                List.of(),
                "fp32",
                List.of(),
                4,
                8,
                0.1,
                List.of(),
                7,
                steps,
                rate,
                "cosine",
                Math.min(2, steps - 1),
                0.01,
                "sigmoid",
                2500,
                1,
                0,
                0,
                "uniform",
                2,
                1,
                checkpointEvery,
                "recomputed",
                heldOut,
                1,
                1,
                "warping_error",
                0.05,
                Map.of(),
                List.of(),
                null,
                null);
    }

    BlobRef video(long seed) throws IOException {
        var random = new Random(seed);
        var made = new ArrayList<RgbImage>();
        // CogVideoX takes frames by eight and one more.
        int frames = family.equals("cogvideox") ? 9 : FRAMES;
        for (int i = 0; i < frames; i++) {
            var rgb = new byte[WIDTH * HEIGHT * 3];
            random.nextBytes(rgb);
            made.add(new RgbImage(WIDTH, HEIGHT, rgb));
        }
        Path file = folder.resolve("video-" + frames + "-" + seed + ".mp4");
        VideoWriter.write(
                file, made, new VideoSettings(VideoCodec.H264, 18, EncodingPreset.MEDIUM, 8));
        return store.putBlob(file, "video/mp4");
    }

    VideoPair pair(int number, BlobRef winner, BlobRef loser) {
        var rgb = new byte[WIDTH * HEIGHT * 3];
        new Random(number).nextBytes(rgb);
        var image = store.putBlob(Images.png(new RgbImage(WIDTH, HEIGHT, rgb)), "image/png");
        String prompt = "a cat sails " + number;
        return new VideoPair(
                VideoPair.idOf(prompt, image, PairVideo.video(winner), PairVideo.video(loser)),
                "ranking",
                "sample-" + number,
                prompt,
                "",
                image,
                PairVideo.video(winner),
                PairVideo.video(loser),
                0.1,
                family,
                "",
                null);
    }

    List<VideoPair> pairs(int count) throws IOException {
        var pairs = new ArrayList<VideoPair>();
        for (int i = 1; i <= count; i++) {
            pairs.add(pair(i, video(2L * i), video(2L * i + 1)));
        }
        return pairs;
    }

    AlignRequest request(List<VideoPair> pairs, AlignConfig config) {
        return request(pairs, config, "", null);
    }

    AlignRequest request(
            List<VideoPair> pairs, AlignConfig config, String base, @Nullable AdapterRef parent) {
        return request(pairs, config, base, parent, null);
    }

    AlignRequest request(
            List<VideoPair> pairs,
            AlignConfig config,
            String base,
            @Nullable AdapterRef parent,
            @Nullable String parentFamily) {
        var media = new LinkedHashSet<BlobRef>();
        for (var pair : pairs) {
            media.add(pair.winner().blob());
            media.add(pair.loser().blob());
            if (pair.image() != null) {
                media.add(pair.image());
            }
        }
        return new AlignRequest(
                "smooth",
                family,
                base,
                parent,
                store.putBlob(
                        PairFile.text(pairs).getBytes(StandardCharsets.UTF_8),
                        "application/x-ndjson"),
                List.copyOf(media),
                List.of(),
                config,
                parentFamily);
    }
}
