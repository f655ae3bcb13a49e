package dev.reelrank.perception;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A batch of pictures to a batch of token grids. */
final class TokensTranslator implements NoBatchifyTranslator<PictureBatch, List<PatchTokens>> {
    private final Preprocessor preprocessor;
    private final int registers;
    private final int gridHeight;
    private final int gridWidth;

    TokensTranslator(OnnxFolder folder, Preprocessor preprocessor) {
        this.preprocessor = preprocessor;
        int patch = (int) folder.constant("patchSize");
        registers = (int) folder.constant("registers");
        gridHeight = preprocessor.height() / patch;
        gridWidth = preprocessor.width() / patch;
    }

    @Override
    public NDList processInput(TranslatorContext ctx, PictureBatch batch) {
        return new NDList(batch.pixelValues(ctx.getNDManager(), preprocessor));
    }

    @Override
    public List<PatchTokens> processOutput(TranslatorContext ctx, NDList list) {
        var tokens = list.singletonOrThrow();
        Shape shape = tokens.getShape();
        int count = (int) shape.get(1);
        int width = (int) shape.get(2);
        if (count != 1 + registers + gridHeight * gridWidth) {
            throw OnnxFolder.mismatch(
                    "DINOv3 gave %d tokens, its manifest means 1 + %d + %dx%d"
                            .formatted(count, registers, gridHeight, gridWidth),
                    null);
        }
        var values = tokens.toFloatArray();
        var all = new ArrayList<PatchTokens>();
        for (int i = 0; i < shape.get(0); i++) {
            int at = i * count * width;
            int patches = at + (1 + registers) * width;
            all.add(
                    new PatchTokens(
                            gridHeight,
                            gridWidth,
                            width,
                            Arrays.copyOfRange(values, at, at + width),
                            Arrays.copyOfRange(values, at + width, patches),
                            Arrays.copyOfRange(values, patches, at + count * width)));
        }
        return all;
    }
}
