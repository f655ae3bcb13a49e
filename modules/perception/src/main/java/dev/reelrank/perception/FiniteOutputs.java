package dev.reelrank.perception;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import org.jspecify.annotations.Nullable;

/**
 * A translator that lets no value through that is not a finite number: scores would carry it on.
 */
final class FiniteOutputs<I, O> implements Translator<I, O> {
    /** Feature maps are larger and stay outside the heap; what is made of them is looked at. */
    private static final long LARGEST = 1 << 22;

    private final String graph;
    private final Translator<I, O> translator;

    FiniteOutputs(String graph, Translator<I, O> translator) {
        this.graph = graph;
        this.translator = translator;
    }

    @Override
    public NDList processInput(TranslatorContext ctx, I input) throws Exception {
        return translator.processInput(ctx, input);
    }

    @Override
    public O processOutput(TranslatorContext ctx, NDList outputs) throws Exception {
        for (var output : outputs) {
            if (output.getDataType() == DataType.FLOAT32 && output.size() <= LARGEST) {
                requireFinite(output.getName(), output.toFloatArray());
            }
        }
        return translator.processOutput(ctx, outputs);
    }

    private void requireFinite(@Nullable String output, float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s computes values that are not finite%s: its weights are damaged, export or copy it again"
                                .formatted(graph, output == null ? "" : " (" + output + ")"));
            }
        }
    }

    @Override
    public @Nullable Batchifier getBatchifier() {
        return translator.getBatchifier();
    }

    @Override
    public void prepare(TranslatorContext ctx) throws Exception {
        translator.prepare(ctx);
    }
}
