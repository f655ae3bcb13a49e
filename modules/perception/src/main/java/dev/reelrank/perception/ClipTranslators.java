package dev.reelrank.perception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Between CLIP's graphs and what they mean. */
final class ClipTranslators {
    private ClipTranslators() {}

    static final class Image implements NoBatchifyTranslator<PictureBatch, List<float[]>> {
        private final Preprocessor preprocessor;

        Image(Preprocessor preprocessor) {
            this.preprocessor = preprocessor;
        }

        @Override
        public NDList processInput(TranslatorContext ctx, PictureBatch batch) {
            return new NDList(batch.pixelValues(ctx.getNDManager(), preprocessor));
        }

        @Override
        public List<float[]> processOutput(TranslatorContext ctx, NDList list) {
            return rows(list.singletonOrThrow());
        }
    }

    static final class Text implements NoBatchifyTranslator<PhraseTokenizer.TokenIds, float[]> {
        @Override
        public NDList processInput(TranslatorContext ctx, PhraseTokenizer.TokenIds tokens) {
            return tokens.arrays(ctx.getNDManager());
        }

        @Override
        public float[] processOutput(TranslatorContext ctx, NDList list) {
            return list.singletonOrThrow().toFloatArray();
        }
    }

    /**
     * @param patches n
     * @param width values per patch
     * @param values shape (patches, width)
     * @param attention shape (patches, patches), rows sum to 1
     */
    record DenseQuestion(int patches, int width, float[] values, float[] attention) {}

    static final class DenseHead implements NoBatchifyTranslator<DenseQuestion, float[]> {
        @Override
        public NDList processInput(TranslatorContext ctx, DenseQuestion question) {
            var manager = ctx.getNDManager();
            int patches = question.patches();
            var values =
                    manager.create(
                            FloatBuffer.wrap(question.values()),
                            new Shape(1, patches, question.width()),
                            DataType.FLOAT32);
            values.setName("patch_values");
            var attention =
                    manager.create(
                            FloatBuffer.wrap(question.attention()),
                            new Shape(1, patches, patches),
                            DataType.FLOAT32);
            attention.setName("attention");
            return new NDList(values, attention);
        }

        @Override
        public float[] processOutput(TranslatorContext ctx, NDList list) {
            return list.singletonOrThrow().toFloatArray();
        }
    }

    /** Splits along the first axis. */
    private static List<float[]> rows(NDArray array) {
        int count = (int) array.getShape().get(0);
        var values = array.toFloatArray();
        int one = values.length / count;
        var rows = new ArrayList<float[]>(count);
        for (int i = 0; i < count; i++) {
            rows.add(Arrays.copyOfRange(values, i * one, (i + 1) * one));
        }
        return rows;
    }
}
