package dev.reelrank.upscale;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.VideoSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Enlarged videos, made once: the result store keeps them by everything that they depend on, which
 * is the video, the weights, the precision and the encoder. The weights are only loaded when a
 * video has to be computed. Not thread-safe.
 */
public final class UpscaledVideos implements AutoCloseable {
    /** Part of each key; raised whenever equal inputs would give other frames. */
    private static final String VERSION = "upscale-v1-";

    private static final Pattern KEPT = Pattern.compile("([0-9a-f]{64}) (\\d{1,18})");

    private final ResultStore store;
    private final Path weights;
    private final Device device;
    private final UpscaleOptions options;
    private final String hash;
    private @Nullable Upscaler upscaler;

    private UpscaledVideos(
            ResultStore store, Path weights, Device device, UpscaleOptions options, String hash) {
        this.store = store;
        this.weights = weights;
        this.device = device;
        this.options = options;
        this.hash = hash;
    }

    /**
     * Opens them; reads the weights' file, and loads nothing.
     *
     * @throws StageException MODEL_MISSING if the file cannot be read
     */
    public static UpscaledVideos of(
            ResultStore store, Path weights, Device device, UpscaleOptions options) {
        try {
            return new UpscaledVideos(store, weights, device, options, Sha256.of(weights));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "cannot read the weights " + weights + ": " + e, e);
        }
    }

    /**
     * The enlarged video, from the store or computed and put there.
     *
     * @param codec settings of the result; its frame rate is that of the video
     * @param scratch folder for a copy, and for the video while it is written
     * @param progress is told how many frames are done; never if the store has the video
     * @throws StageException as {@link VideoUpscale#enlarge} and the store's methods
     */
    public BlobRef of(BlobRef video, VideoSettings codec, Path scratch, IntConsumer progress) {
        String key =
                VERSION
                        + Sha256.of(
                                String.join(
                                        " ",
                                        video.sha256(),
                                        hash,
                                        options.precision(),
                                        Integer.toString(options.tile()),
                                        Integer.toString(options.overlap()),
                                        codec.codec().name(),
                                        Integer.toString(codec.crf()),
                                        codec.preset().name()));
        Optional<byte[]> before = store.result(key);
        if (before.isPresent()) {
            Optional<BlobRef> kept = kept(before.get());
            if (kept.isPresent() && store.holds(kept.get())) {
                return kept.get();
            }
            // Its file was removed or altered.
            store.setAside(key);
        }
        BlobRef made = compute(video, codec, scratch, progress);
        String line = made.sha256() + " " + made.size();
        store.putResultIfAbsent(key, line.getBytes(StandardCharsets.UTF_8));
        return made;
    }

    private static Optional<BlobRef> kept(byte[] result) {
        var line = KEPT.matcher(new String(result, StandardCharsets.UTF_8));
        return line.matches()
                ? Optional.of(
                        new BlobRef(
                                "store:blobs/" + line.group(1),
                                line.group(1),
                                Long.parseLong(line.group(2)),
                                "video/mp4"))
                : Optional.empty();
    }

    private BlobRef compute(
            BlobRef video, VideoSettings codec, Path scratch, IntConsumer progress) {
        if (upscaler == null) {
            upscaler = Upscaler.load(weights, device, options);
        }
        Path large = null;
        try {
            Files.createDirectories(scratch);
            large = Files.createTempFile(scratch, ".", "-large.mp4");
            VideoUpscale.enlarge(upscaler, store.fetch(video, scratch), large, codec, progress);
            return store.putBlob(large, "video/mp4");
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write to " + scratch + ": " + e, e);
        } finally {
            delete(large);
        }
    }

    private static void delete(@Nullable Path file) {
        if (file != null && !file.toFile().delete()) {
            // It is hidden, and goes with this process.
            file.toFile().deleteOnExit();
        }
    }

    @Override
    public void close() {
        if (upscaler != null) {
            upscaler.close();
        }
    }
}
