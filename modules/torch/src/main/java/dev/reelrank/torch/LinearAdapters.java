package dev.reelrank.torch;

/**
 * What may be put beside a model's linear layers while the model is built: LoRAs that can be
 * switched, or LoRAs that are trained.
 */
public interface LinearAdapters {
    /** Every layer stays as its weights say. */
    LinearAdapters NONE = (layer, weights) -> layer;

    /**
     * The layer, with its adapter if it has one.
     *
     * @param weights where the layer's own weights came from: the path names the layer
     */
    Linear beside(Linear layer, Weights weights);

    /**
     * Ends the accounting, once the model is built.
     *
     * @throws dev.reelrank.pipeline.StageException when an adapter belongs to no layer of it
     */
    default void requireAllUsed() {}
}
