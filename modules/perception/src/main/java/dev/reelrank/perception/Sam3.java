package dev.reelrank.perception;

import dev.reelrank.perception.Sam3Translators.Answer;
import dev.reelrank.perception.Sam3Translators.Asked;
import dev.reelrank.perception.Sam3Translators.Question;
import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SAM3: every instance of what a phrase names, with mask, box and score.
 *
 * <p>A picture is looked at once and a phrase read once; {@link #segment(VisionFeatures, Phrase,
 * double, double)} is cheap beside them. Not thread-safe.
 */
public final class Sam3 implements AutoCloseable {
    private final OnnxFolder folder;
    private final PerceptionSettings settings;
    private final Preprocessor preprocessor;
    private final PhraseReader reader;
    private final @Nullable OnnxGraph<Asked, Answer> once;
    private @Nullable Parts parts;

    /** What looks at a picture, and what answers from that for any number of phrases. */
    private record Parts(
            OnnxGraph<PictureBatch, VisionFeatures> vision, OnnxGraph<Question, Answer> decoder)
            implements AutoCloseable {
        @Override
        public void close() {
            decoder.close();
            vision.close();
        }
    }

    private Sam3(
            OnnxFolder folder,
            PerceptionSettings settings,
            PhraseReader reader,
            @Nullable OnnxGraph<Asked, Answer> once,
            @Nullable Parts parts) {
        this.folder = folder;
        this.settings = settings;
        this.preprocessor = new Preprocessor(folder);
        this.reader = reader;
        this.once = once;
        this.parts = parts;
    }

    /**
     * Loads an exported model.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING, MODEL_MISMATCH
     */
    public static Sam3 load(Path path, PerceptionSettings settings) {
        var folder = OnnxFolder.open(path, "sam3");
        try (var opened = new Opened()) {
            var reader = opened.add(PhraseReader.open(folder, settings));
            // On a GPU the maps of a picture would travel to the host and back between the parts.
            boolean joined = settings.device().isCuda() && folder.has("once");
            var once =
                    joined
                            ? opened.add(
                                    OnnxGraph.open(
                                            folder,
                                            "once",
                                            Asked.class,
                                            Answer.class,
                                            new Sam3Translators.Once(new Preprocessor(folder)),
                                            settings))
                            : null;
            var parts = joined ? null : parts(folder, settings);
            opened.keep();
            return new Sam3(folder, settings, reader, once, parts);
        }
    }

    private static Parts parts(OnnxFolder folder, PerceptionSettings settings) {
        // Vision and decoder of the published size take turns with 2.5 and 1.3 GiB of activations.
        boolean keeping = !folder.isLarge("vision");
        try (var opened = new Opened()) {
            var vision =
                    opened.add(
                            OnnxGraph.open(
                                    folder,
                                    "vision",
                                    PictureBatch.class,
                                    VisionFeatures.class,
                                    new Sam3Translators.Vision(new Preprocessor(folder)),
                                    settings,
                                    keeping));
            var decoder =
                    opened.add(
                            OnnxGraph.open(
                                    folder,
                                    "decoder",
                                    Question.class,
                                    Answer.class,
                                    new Sam3Translators.Decoder(),
                                    settings,
                                    keeping));
            opened.keep();
            return new Parts(vision, decoder);
        }
    }

    /** Opened when first needed: who asks one phrase of each picture on a GPU needs none. */
    private Parts parts() {
        if (parts == null) {
            parts = parts(folder, settings);
        }
        return parts;
    }

    /** Resizes and normalises a picture; safe on any thread. */
    public PixelValues prepare(RgbImage image) {
        return preprocessor.prepare(image);
    }

    /**
     * The same for several, side by side where the settings allow several threads: 12 MB of a
     * picture at the published size.
     */
    public List<PixelValues> prepare(List<RgbImage> images) {
        return preprocessor.prepare(images, settings);
    }

    /** Looks at a picture; the caller closes what comes back. */
    public VisionFeatures look(PixelValues image) {
        return parts().vision().predict(new PictureBatch(List.of(image)));
    }

    /** {@link #prepare} and {@link #look(PixelValues)}. */
    public VisionFeatures look(RgbImage image) {
        return look(prepare(image));
    }

    /**
     * Reads a phrase. On the CPU a large text tower is opened for it and closed behind it: a phrase
     * that is asked again should be kept.
     */
    public Phrase read(String phrase) {
        return reader.read(phrase);
    }

    /**
     * Finds the instances of a phrase in a picture.
     *
     * @param scoreThreshold an instance must score more, 0..1; transformers' default is 0.3
     * @param maskThreshold a pixel of it must be more probable, 0..1; transformers' default is 0.5
     * @return best first, at most as many as the manifest's constant {@code instances}
     */
    public List<Instance> segment(
            VisionFeatures picture, Phrase phrase, double scoreThreshold, double maskThreshold) {
        var answer = parts().decoder().predict(new Question(picture, phrase));
        return instances(answer, picture.width(), picture.height(), scoreThreshold, maskThreshold);
    }

    /**
     * The same for a picture that is asked for one phrase only: looks and answers in one go where
     * the folder has a graph for that and it is faster, on a GPU.
     */
    public List<Instance> segment(
            PixelValues picture, Phrase phrase, double scoreThreshold, double maskThreshold) {
        if (once == null) {
            try (var features = look(picture)) {
                return segment(features, phrase, scoreThreshold, maskThreshold);
            }
        }
        return instances(
                once.predict(new Asked(picture, phrase)),
                picture.width(),
                picture.height(),
                scoreThreshold,
                maskThreshold);
    }

    private static List<Instance> instances(
            Answer answer, int width, int height, double scoreThreshold, double maskThreshold) {
        int map = answer.maskWidth() * answer.maskHeight();
        var found = new ArrayList<Instance>();
        for (int i = 0; i < answer.count() && answer.scores()[i] > scoreThreshold; i++) {
            var mask =
                    MaskDrawing.draw(
                            answer.masks(),
                            i * map,
                            answer.maskWidth(),
                            answer.maskHeight(),
                            width,
                            height,
                            maskThreshold);
            found.add(
                    new Instance(answer.scores()[i], box(answer.boxes(), i, width, height), mask));
        }
        return found;
    }

    /** {@link #look}, {@link #read} and {@link #segment} for one picture and one phrase. */
    public List<Instance> segment(
            RgbImage image, String phrase, double scoreThreshold, double maskThreshold) {
        return segment(prepare(image), read(phrase), scoreThreshold, maskThreshold);
    }

    private static Box box(float[] boxes, int i, int width, int height) {
        double x0 = boxes[i * 4] * width;
        double y0 = boxes[i * 4 + 1] * height;
        // Predicted as centre and size, so the corners are in order but for rounding.
        return new Box(
                x0,
                y0,
                Math.max(x0, boxes[i * 4 + 2] * width),
                Math.max(y0, boxes[i * 4 + 3] * height));
    }

    /** Its folder, for constants, limits and the fingerprint. */
    public OnnxFolder folder() {
        return folder;
    }

    @Override
    public void close() {
        if (parts != null) {
            parts.close();
        }
        if (once != null) {
            once.close();
        }
        reader.close();
    }
}
