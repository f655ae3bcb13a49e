package dev.reelrank.perception;

import dev.reelrank.perception.ClipTranslators.DenseQuestion;
import dev.reelrank.perception.PhraseTokenizer.TokenIds;
import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * CLIP: pictures, texts and patches in one space, where cosine says what fits.
 *
 * <p>Embeddings come as the model projects them, not normalised. Not thread-safe.
 */
public final class ClipModel implements AutoCloseable {
    private static final int BATCH = 16;

    private final OnnxFolder folder;
    private final Preprocessor preprocessor;
    private final Preprocessor squeezed;
    private final PerceptionSettings settings;
    private final int denseGrid;
    private final int width;
    private final PhraseTokenizer tokenizer;
    private final OnnxGraph<PictureBatch, List<float[]>> image;
    private final OnnxGraph<TokenIds, float[]> text;
    private final OnnxGraph<PictureBatch, List<float[]>> denseValues;
    private final OnnxGraph<DenseQuestion, float[]> denseHead;

    private ClipModel(
            OnnxFolder folder,
            PerceptionSettings settings,
            PhraseTokenizer tokenizer,
            OnnxGraph<PictureBatch, List<float[]>> image,
            OnnxGraph<TokenIds, float[]> text,
            OnnxGraph<PictureBatch, List<float[]>> denseValues,
            OnnxGraph<DenseQuestion, float[]> denseHead) {
        this.folder = folder;
        this.settings = settings;
        this.preprocessor = new Preprocessor(folder);
        this.squeezed = Preprocessor.squeezed(folder, (int) folder.constant("denseSize"));
        this.denseGrid = (int) folder.constant("denseSize") / (int) folder.constant("patchSize");
        this.width = (int) folder.constant("width");
        this.tokenizer = tokenizer;
        this.image = image;
        this.text = text;
        this.denseValues = denseValues;
        this.denseHead = denseHead;
    }

    /**
     * Loads an exported model.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING, MODEL_MISMATCH
     */
    public static ClipModel load(Path path, PerceptionSettings settings) {
        var folder = OnnxFolder.open(path, "clip");
        var squeezed = Preprocessor.squeezed(folder, (int) folder.constant("denseSize"));
        try (var opened = new Opened()) {
            var tokenizer = opened.add(PhraseTokenizer.open(folder));
            var image = opened.add(pictures(folder, "image", new Preprocessor(folder), settings));
            var text =
                    opened.add(
                            OnnxGraph.open(
                                    folder,
                                    "text",
                                    TokenIds.class,
                                    float[].class,
                                    new ClipTranslators.Text(),
                                    settings));
            var values = opened.add(pictures(folder, "dense_values", squeezed, settings));
            var head =
                    opened.add(
                            OnnxGraph.open(
                                    folder,
                                    "dense_head",
                                    DenseQuestion.class,
                                    float[].class,
                                    new ClipTranslators.DenseHead(),
                                    settings));
            opened.keep();
            return new ClipModel(folder, settings, tokenizer, image, text, values, head);
        }
    }

    private static OnnxGraph<PictureBatch, List<float[]>> pictures(
            OnnxFolder folder,
            String graph,
            Preprocessor preprocessor,
            PerceptionSettings settings) {
        return OnnxGraph.open(
                folder,
                graph,
                PictureBatch.class,
                Types.listOf(float[].class),
                new ClipTranslators.Image(preprocessor),
                settings);
    }

    /** One embedding a picture; the centre square of each is seen. */
    public List<float[]> embedImages(List<RgbImage> images) {
        var all = new ArrayList<float[]>(images.size());
        for (int from = 0; from < images.size(); from += BATCH) {
            int to = Math.min(images.size(), from + BATCH);
            var batch = preprocessor.prepare(images.subList(from, to), settings);
            all.addAll(image.predict(new PictureBatch(batch)));
        }
        return all;
    }

    /** The embedding of a text; what is longer than the model's context loses its end. */
    public float[] embedText(String sentence) {
        return text.predict(tokenizer.encode(sentence));
    }

    /** The factor before a softmax over cosines, exp of the learned logit scale. */
    public double logitScale() {
        return folder.constant("logitScale");
    }

    /** Looks at the whole picture, squeezed into the dense tower's square, patch by patch. */
    public DenseValues lookDense(RgbImage picture) {
        var values =
                denseValues.predict(new PictureBatch(List.of(squeezed.prepare(picture)))).get(0);
        return new DenseValues(denseGrid, denseGrid, width, values);
    }

    /**
     * Patch embeddings under a proxy attention (ProxyCLIP: the last block's own attention is
     * replaced; no residual, no MLP).
     *
     * @param values of the picture; its grid decides the number n of patches, {@link
     *     DenseValues#resized} fits it to the attention's
     * @param attention shape (n, n), row i says which patches patch i is made of, rows sum to 1
     * @return shape (n, embedding), not normalised
     */
    public float[] embedPatches(DenseValues values, float[] attention) {
        int patches = values.gridHeight() * values.gridWidth();
        if (attention.length != patches * patches) {
            throw new IllegalArgumentException(
                    "%d patches need an attention of %d values, got %d"
                            .formatted(patches, patches * patches, attention.length));
        }
        return denseHead.predict(
                new DenseQuestion(patches, values.width(), values.values(), attention));
    }

    /** Its folder, for constants, limits and the fingerprint. */
    public OnnxFolder folder() {
        return folder;
    }

    @Override
    public void close() {
        denseHead.close();
        denseValues.close();
        text.close();
        image.close();
        tokenizer.close();
    }
}
