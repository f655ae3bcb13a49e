package dev.reelrank.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.pairs.PairVideo;
import dev.reelrank.alignment.pairs.VideoPair;
import dev.reelrank.alignment.train.LatentPair;
import dev.reelrank.diffusion.GeneratorModel;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchFailures;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Encodes pairs into latents and text embeddings, each once: what was encoded before, by any
 * trainer, is found in the store. The encoder is loaded when the first pair needs it.
 */
final class PairEncoding implements AutoCloseable {
    /** Raised when the same pair is encoded into something else. */
    private static final String FORMAT = "latent-pair-1";

    private static final String MEDIA_TYPE = "application/octet-stream";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final GeneratorModel model;
    private final String base;
    private final Precision precision;
    private final StageContext context;
    private @Nullable TrainingEncoder encoder;

    /**
     * @param base fingerprint of the model's files
     */
    PairEncoding(GeneratorModel model, String base, StageContext context) {
        this.model = model;
        this.base = base;
        this.precision = Precision.parse("auto", context.device());
        this.context = context;
    }

    /**
     * A file of {@link LatentPair#write}.
     *
     * @param number of the pair in the request, from 1, for messages
     * @throws StageException UNREADABLE_VIDEO, UNREADABLE_IMAGE or INVALID_SAMPLE naming the pair
     *     and its side; INPUT_LOST, STORE_UNAVAILABLE
     */
    Path file(VideoPair pair, int number) {
        ResultStore store = context.store();
        String key = key(pair);
        var known = known(store, key);
        if (known.isPresent()) {
            return known.get();
        }
        Path file = context.scratch().resolve(key + ".safetensors");
        TorchFailures.named(
                "encode pair %d (%s)".formatted(number, pair.id()),
                TorchDevice.of(context.device()),
                () -> {
                    encode(pair, number, file);
                    return file;
                });
        var blob = store.putBlob(file, MEDIA_TYPE);
        store.putResultIfAbsent(key, text(blob));
        delete(file);
        return store.fetch(blob, context.scratch());
    }

    private String key(VideoPair pair) {
        Long seed = pair.loser().seed();
        // What was encoded before seeds were known is found where none is asked for.
        String format = seed == null ? FORMAT : FORMAT + " with the loser's seed " + seed;
        return Sha256.of(
                String.join(
                        "|",
                        format,
                        base,
                        precision.id(),
                        pair.id(),
                        pair.winner().form().name(),
                        pair.loser().form().name()));
    }

    /** What lies under the key, if it is whole; a damaged one is made again. */
    private Optional<Path> known(ResultStore store, String key) {
        var noted = store.result(key);
        if (noted.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    store.fetch(JSON.readValue(noted.get(), BlobRef.class), context.scratch()));
        } catch (IOException e) {
            store.setAside(key);
            return Optional.empty();
        } catch (StageException e) {
            if (e.code() != FailureCode.INPUT_LOST) {
                throw e;
            }
            store.setAside(key);
            return Optional.empty();
        }
    }

    private static byte[] text(BlobRef blob) {
        try {
            return JSON.writeValueAsString(blob).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for " + blob, e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot delete " + file + ": " + e.getMessage(), e);
        }
    }

    private void encode(VideoPair pair, int number, Path file) {
        try (var scope = TensorScope.inference()) {
            // Pairs of a run have their sample's image, also where the model did not see it.
            var reference = model.options().seen(pair.image());
            var image = reference == null ? null : image(reference, pair, number);
            var winner = side(pair.winner(), pair, number, "winner");
            var loser = side(pair.loser(), pair, number, "loser");
            if (winner.frames() != loser.frames()
                    || winner.width() != loser.width()
                    || winner.height() != loser.height()) {
                throw invalid(
                        pair,
                        number,
                        "its winner has %s and its loser %s: both must be of one size"
                                .formatted(winner.size(), loser.size()));
            }
            TrainingCondition condition =
                    encoder()
                            .condition(
                                    pair.prompt(),
                                    image,
                                    winner.frames(),
                                    winner.width(),
                                    winner.height());
            new LatentPair(winner.latents(), loser.latents(), condition, pair.loser().seed())
                    .checked("%d (%s)".formatted(number, pair.id()))
                    .write(file);
        }
    }

    /** An encoded side, and what it was before. */
    private record Side(Tensor latents, int frames, int width, int height) {
        String size() {
            return "%d frames of %dx%d".formatted(frames, width, height);
        }
    }

    private Side side(PairVideo video, VideoPair pair, int number, String name) {
        Path file = context.store().fetch(video.blob(), context.scratch());
        if (video.form() == PairVideo.Form.LATENTS) {
            return latents(file, pair, number);
        }
        List<RgbImage> frames;
        try {
            frames = VideoReader.readAll(file);
        } catch (StageException e) {
            throw new StageException(
                    e.code(),
                    "pair %d (%s): its %s cannot be read: %s"
                            .formatted(number, pair.id(), name, e.getMessage()),
                    e);
        }
        if (frames.isEmpty()) {
            throw invalid(pair, number, "its " + name + " has no frame");
        }
        RgbImage first = frames.get(0);
        requirePossible(pair, number, name, frames.size(), first.width(), first.height());
        return new Side(encoder().latents(frames), frames.size(), first.width(), first.height());
    }

    private void requirePossible(
            VideoPair pair, int number, String name, int frames, int width, int height) {
        var options = model.options();
        if (!options.frames().allows(frames) || !options.sizes().allows(width, height)) {
            throw invalid(
                    pair,
                    number,
                    "its %s has %d frames of %dx%d; %s takes %s frames, and the size must be %s"
                            .formatted(
                                    name,
                                    frames,
                                    width,
                                    height,
                                    options.model(),
                                    options.frames(),
                                    options.sizes()));
        }
    }

    private static Side latents(Path file, VideoPair pair, int number) {
        CandidateConfig made = pair.configuration();
        if (made == null
                || made.frames() == null
                || made.width() == null
                || made.height() == null) {
            throw invalid(
                    pair,
                    number,
                    "its sides are latents, so its configuration must say frames, width and"
                            + " height");
        }
        try (var stored = SafetensorsFile.open(file)) {
            Tensor latents = Ops.to(stored.tensor("latents"), DType.FLOAT32).clone();
            return new Side(latents.unsqueeze(0), made.frames(), made.width(), made.height());
        }
    }

    private RgbImage image(BlobRef image, VideoPair pair, int number) {
        try {
            return Images.read(context.store().fetch(image, context.scratch()));
        } catch (StageException e) {
            throw new StageException(
                    e.code(),
                    "pair %d (%s): its reference image cannot be read: %s"
                            .formatted(number, pair.id(), e.getMessage()),
                    e);
        }
    }

    private static StageException invalid(VideoPair pair, int number, String problem) {
        return new StageException(
                FailureCode.INVALID_SAMPLE,
                "pair %d (%s) cannot be trained on: %s".formatted(number, pair.id(), problem));
    }

    private TrainingEncoder encoder() {
        if (encoder == null) {
            encoder =
                    TrainerModels.trainable(model)
                            .encoder(precision, TorchDevice.of(context.device()));
        }
        return encoder;
    }

    @Override
    public void close() {
        if (encoder != null) {
            encoder.close();
        }
    }
}
