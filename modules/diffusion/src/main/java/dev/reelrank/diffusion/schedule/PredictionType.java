package dev.reelrank.diffusion.schedule;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;

/**
 * What a model predicts about a noisy sample {@code signal · clean + noise · ε}.
 *
 * <p>{@link #clean} and {@link #target} are each other's inverse: a model that predicts its target
 * exactly gives back the clean sample.
 */
public enum PredictionType {
    /** {@code ε - clean}, along a straight line: signal and noise sum to 1 (rectified flow). */
    FLOW {
        @Override
        public Tensor clean(Tensor sample, Tensor prediction, double signal, double noise) {
            return TensorScope.compute(() -> sample.sub(Ops.mul(prediction, noise)));
        }

        @Override
        public Tensor target(Tensor clean, Tensor epsilon, double signal, double noise) {
            return TensorScope.compute(() -> epsilon.sub(clean));
        }
    },
    /** {@code ε} (Ho et al. 2020). */
    EPSILON {
        @Override
        public Tensor clean(Tensor sample, Tensor prediction, double signal, double noise) {
            return TensorScope.compute(
                    () -> Ops.mul(sample.sub(Ops.mul(prediction, noise)), 1 / signal));
        }

        @Override
        public Tensor target(Tensor clean, Tensor epsilon, double signal, double noise) {
            return TensorScope.compute(epsilon::clone);
        }
    },
    /** {@code signal · ε - noise · clean} (Salimans and Ho 2022); the squares sum to 1. */
    V {
        @Override
        public Tensor clean(Tensor sample, Tensor prediction, double signal, double noise) {
            return TensorScope.compute(
                    () -> Ops.mul(sample, signal).sub(Ops.mul(prediction, noise)));
        }

        @Override
        public Tensor target(Tensor clean, Tensor epsilon, double signal, double noise) {
            return TensorScope.compute(() -> Ops.mul(epsilon, signal).sub(Ops.mul(clean, noise)));
        }
    };

    /**
     * The clean sample that a prediction implies.
     *
     * @param signal share of the clean sample, above 0 for {@link #EPSILON}
     * @param noise share of the noise
     * @return a new tensor of the open scope
     */
    public abstract Tensor clean(Tensor sample, Tensor prediction, double signal, double noise);

    /**
     * What the model learns to predict.
     *
     * @param epsilon the noise, standard normal
     * @return a new tensor of the open scope
     */
    public abstract Tensor target(Tensor clean, Tensor epsilon, double signal, double noise);
}
