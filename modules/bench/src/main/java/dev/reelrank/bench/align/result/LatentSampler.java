package dev.reelrank.bench.align.result;

import dev.reelrank.diffusion.schedule.EulerScheduler;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.diffusion.train.TrainingCondition;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.BlockPass;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes latents with a model that is loaded for training, adapters on or off, and decodes nothing:
 * on the CPU the decoder costs more than all the steps together. The same noise as the generator's.
 */
final class LatentSampler {
    private final TrainableModel model;
    private final int steps;
    private final double shift;
    private final long[] shape;

    /**
     * @param model with every network that the noise passes through
     * @param shape of the latents
     */
    LatentSampler(TrainableModel model, int steps, double shift, long... shape) {
        this.model = model;
        this.steps = steps;
        this.shift = shift;
        this.shape = shape.clone();
    }

    /** The timesteps that the networks get. */
    static double[] timesteps(int steps, double shift) {
        return new EulerScheduler(steps, shift).timesteps();
    }

    /** The latents of a seed; they belong to the open scope. */
    Tensor sample(TrainingCondition condition, long seed, boolean adapters) {
        return sample(condition, seed, adapters, steps);
    }

    /**
     * What the networks expect of a seed after some of the steps: the latents that the next steps
     * refine. They belong to the open scope.
     *
     * @param taken 1 to the number of steps; with all of them the latents themselves
     */
    Tensor sample(TrainingCondition condition, long seed, boolean adapters, int taken) {
        return TensorScope.compute(
                () -> {
                    var scheduler = new EulerScheduler(steps, shift);
                    Tensor latents =
                            model.networks()
                                    .get(0)
                                    .device()
                                    .place(Noise.normal(seed, shape), DType.FLOAT32);
                    for (int i = 0; i < taken; i++) {
                        double timestep = scheduler.timesteps()[i];
                        var network = network(timestep);
                        network.adapters().on(adapters);
                        var pass = network.pass(latents, timestep, condition);
                        Tensor velocity = BlockPass.infer(pass.input(), pass.blocks());
                        network.adapters().on(true);
                        latents =
                                i == taken - 1
                                        ? latents.sub(Ops.mul(velocity, scheduler.sigmas()[i]))
                                        : scheduler.step(i, velocity, latents);
                    }
                    return latents;
                });
    }

    /**
     * What the networks expect of a seed at one step, if what they expected before is known: on a
     * straight path the latents are nothing but that and the seed's noise.
     *
     * @param before what was expected, shape of the latents
     * @param step counted from 0
     */
    Tensor expected(TrainingCondition condition, long seed, Tensor before, int step) {
        return TensorScope.compute(
                () -> {
                    var scheduler = new EulerScheduler(steps, shift);
                    double sigma = scheduler.sigmas()[step];
                    double timestep = scheduler.timesteps()[step];
                    var network = network(timestep);
                    Tensor noise = network.device().place(Noise.normal(seed, shape), DType.FLOAT32);
                    Tensor latents = Ops.mul(before, 1 - sigma).add(Ops.mul(noise, sigma));
                    network.adapters().on(false);
                    var pass = network.pass(latents, timestep, condition);
                    Tensor velocity = BlockPass.infer(pass.input(), pass.blocks());
                    network.adapters().on(true);
                    return latents.sub(Ops.mul(velocity, sigma));
                });
    }

    private TrainableNetwork network(double timestep) {
        return model.networks().stream()
                .filter(n -> n.noise().contains(timestep))
                .findFirst()
                .orElseThrow();
    }
}
