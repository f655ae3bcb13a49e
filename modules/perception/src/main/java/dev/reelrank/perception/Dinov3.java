package dev.reelrank.perception;

import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * DINOv3: one token for the picture and one for each patch, whose cosines say how alike things are.
 *
 * <p>Not thread-safe.
 */
public final class Dinov3 implements AutoCloseable {
    /** Pictures that go through the model together; more only costs memory. */
    static final int BATCH = 16;

    private final OnnxFolder folder;
    private final Preprocessor preprocessor;
    private final PerceptionSettings settings;
    private final OnnxGraph<PictureBatch, List<PatchTokens>> graph;

    private Dinov3(
            OnnxFolder folder,
            Preprocessor preprocessor,
            PerceptionSettings settings,
            OnnxGraph<PictureBatch, List<PatchTokens>> graph) {
        this.folder = folder;
        this.preprocessor = preprocessor;
        this.settings = settings;
        this.graph = graph;
    }

    /**
     * Loads an exported model.
     *
     * @throws dev.reelrank.pipeline.StageException MODEL_MISSING, MODEL_MISMATCH
     */
    public static Dinov3 load(Path path, PerceptionSettings settings) {
        var folder = OnnxFolder.open(path, "dinov3");
        var preprocessor = new Preprocessor(folder);
        return new Dinov3(
                folder,
                preprocessor,
                settings,
                OnnxGraph.open(
                        folder,
                        "tokens",
                        PictureBatch.class,
                        Types.listOf(PatchTokens.class),
                        new TokensTranslator(folder, preprocessor),
                        settings));
    }

    /** Resizes and normalises a picture of any size; safe on any thread. */
    public PixelValues prepare(RgbImage image) {
        return preprocessor.prepare(image);
    }

    /** Tokens of each prepared picture, in order. */
    public List<PatchTokens> tokensOf(List<PixelValues> images) {
        var all = new ArrayList<PatchTokens>(images.size());
        for (int from = 0; from < images.size(); from += BATCH) {
            int to = Math.min(images.size(), from + BATCH);
            all.addAll(graph.predict(new PictureBatch(images.subList(from, to))));
        }
        return all;
    }

    /** Tokens of each picture, in order; pictures may have any size. */
    public List<PatchTokens> tokens(List<RgbImage> images) {
        return tokensOf(preprocessor.prepare(images, settings));
    }

    public PatchTokens tokens(RgbImage image) {
        return tokens(List.of(image)).get(0);
    }

    /** Its folder, for constants, limits and the fingerprint. */
    public OnnxFolder folder() {
        return folder;
    }

    @Override
    public void close() {
        graph.close();
    }
}
