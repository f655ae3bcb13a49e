package dev.reelrank.perception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import java.nio.FloatBuffer;
import java.util.List;

/** Between SAM3's three graphs and what they mean. */
final class Sam3Translators {
    private static final List<String> MAPS = List.of("fine", "middle", "coarse");

    private Sam3Translators() {}

    static final class Vision implements NoBatchifyTranslator<PictureBatch, VisionFeatures> {
        private final Preprocessor preprocessor;

        Vision(Preprocessor preprocessor) {
            this.preprocessor = preprocessor;
        }

        @Override
        public NDList processInput(TranslatorContext ctx, PictureBatch batch) {
            ctx.setAttachment("picture", batch.images().get(0));
            return new NDList(batch.pixelValues(ctx.getNDManager(), preprocessor));
        }

        @Override
        public VisionFeatures processOutput(TranslatorContext ctx, NDList list) {
            for (int i = 0; i < MAPS.size(); i++) {
                list.get(i).setName(MAPS.get(i));
            }
            // The maps outlive this call; VisionFeatures closes them.
            list.detach();
            var picture = (PixelValues) ctx.getAttachment("picture");
            return new VisionFeatures(picture.width(), picture.height(), list);
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

    /** One picture and one phrase. */
    record Question(VisionFeatures picture, Phrase phrase) {}

    /**
     * The best queries, best first.
     *
     * @param count queries
     * @param maskHeight of the model's masks
     * @param maskWidth of the model's masks
     * @param masks logits, shape (count, maskHeight, maskWidth)
     * @param boxes x0, y0, x1, y1 as shares of the picture, shape (count, 4)
     * @param scores 0..1, shape (count)
     */
    record Answer(
            int count,
            int maskHeight,
            int maskWidth,
            float[] masks,
            float[] boxes,
            float[] scores) {}

    static final class Decoder implements NoBatchifyTranslator<Question, Answer> {
        @Override
        public NDList processInput(TranslatorContext ctx, Question question) {
            var manager = ctx.getNDManager();
            var features = features(manager, question.phrase());
            // DJL assigns the outputs to the owner of the first input. The maps belong to no call,
            // so
            // what came after them would never be freed.
            var inputs = new NDList(features, question.phrase().tokens().mask(manager));
            inputs.addAll(question.picture().maps());
            return inputs;
        }

        @Override
        public Answer processOutput(TranslatorContext ctx, NDList list) {
            return answer(list);
        }
    }

    /** One phrase asked of one picture. */
    record Asked(PixelValues picture, Phrase phrase) {}

    /** From pixels to instances in one graph. */
    static final class Once implements NoBatchifyTranslator<Asked, Answer> {
        private final Preprocessor preprocessor;

        Once(Preprocessor preprocessor) {
            this.preprocessor = preprocessor;
        }

        @Override
        public NDList processInput(TranslatorContext ctx, Asked asked) {
            var manager = ctx.getNDManager();
            var pixels = new PictureBatch(List.of(asked.picture()));
            return new NDList(
                    pixels.pixelValues(manager, preprocessor),
                    features(manager, asked.phrase()),
                    asked.phrase().tokens().mask(manager));
        }

        @Override
        public Answer processOutput(TranslatorContext ctx, NDList list) {
            return answer(list);
        }
    }

    private static NDArray features(NDManager manager, Phrase phrase) {
        int tokens = phrase.tokens().ids().length;
        var features =
                manager.create(
                        FloatBuffer.wrap(phrase.features()),
                        new Shape(1, tokens, phrase.features().length / tokens),
                        DataType.FLOAT32);
        features.setName("text_features");
        return features;
    }

    private static Answer answer(NDList list) {
        var masks = list.get(0);
        Shape shape = masks.getShape();
        return new Answer(
                (int) shape.get(1),
                (int) shape.get(2),
                (int) shape.get(3),
                masks.toFloatArray(),
                list.get(1).toFloatArray(),
                list.get(2).toFloatArray());
    }
}
