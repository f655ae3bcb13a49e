package dev.reelrank.trainer;

import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.alignment.adapter.NetworkAdapter;
import dev.reelrank.alignment.train.TrainedAdapters;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.LoraConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The adapter that a training goes on from, checked before pairs are encoded or weights are read.
 * Its family may be unknown: then its files say whether it fits.
 */
final class ParentAdapter {
    private ParentAdapter() {}

    /**
     * @param base what is trained
     * @param network throws MODEL_MISMATCH for the name of a network that the model does not have
     * @param lora what the training makes beside each layer
     * @throws StageException MODEL_MISMATCH naming the parent, what does not fit and what to do;
     *     INPUT_LOST, STORE_UNAVAILABLE
     */
    static void check(
            AlignRequest request,
            BaseModel base,
            Consumer<String> network,
            LoraConfig lora,
            StageContext context) {
        var parent = request.parent();
        if (parent == null) {
            return;
        }
        base.requireParent(parent.id(), request.parentFamily(), "");
        try {
            parent.files().keySet().forEach(network);
            requireTrained(parent.files().keySet(), request.config().networks());
            for (var file : parent.files().entrySet()) {
                Path stored = context.store().fetch(file.getValue(), context.scratch());
                try (var scope = TensorScope.inference()) {
                    requireFits(
                            DiffusersAdapter.read(stored, DiffusersAdapter.prefix(file.getKey())),
                            lora);
                }
            }
        } catch (StageException e) {
            if (e.code() != FailureCode.MODEL_MISMATCH) {
                throw e;
            }
            throw new StageException(
                    e.code(),
                    "the training of a model of family %s cannot go on from %s: %s; name a parent that was trained on this model, or none"
                            .formatted(base.family(), parent.id(), e.getMessage()),
                    e);
        }
    }

    /** A parent of other networks alone would change nothing, and nobody would notice. */
    private static void requireTrained(Set<String> has, List<String> trained) {
        if (has.isEmpty() || (!trained.isEmpty() && trained.stream().noneMatch(has::contains))) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    "it changes the networks %s, and those that are trained are %s"
                            .formatted(has, trained.isEmpty() ? "all of the model's" : trained));
        }
    }

    private static void requireFits(NetworkAdapter adapter, LoraConfig lora) {
        TrainedAdapters.requireShape(lora, adapter);
        for (String layer : adapter.layers()) {
            if (!lora.targets(layer)) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "it changes the layer '%s', which is not among the training's targets %s"
                                .formatted(layer, lora.targets()));
            }
        }
    }
}
