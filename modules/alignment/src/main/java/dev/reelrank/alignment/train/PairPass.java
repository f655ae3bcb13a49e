package dev.reelrank.alignment.train;

import dev.reelrank.alignment.loss.PairErrors;
import dev.reelrank.alignment.loss.PairLoss;
import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.diffusion.train.NetworkPass;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.LoraLayers;
import org.bytedeco.pytorch.Tensor;

/**
 * One pair through one network: both sides with the same noise at the same timestep, each by the
 * trained network and by its reference, which is the same network with its adapters off or with a
 * copy of them. The gradients are added to the adapters' leaves.
 *
 * <p>The loss depends on each side by one number, its error, so each side's gradients are computed
 * alone, from the slope of the loss with that error: no graph spans both sides.
 */
final class PairPass {
    private final TrainableModel model;
    private final ReferencePass reference;
    private final PreferenceLoss loss;
    private final BlockPass.Memory memory;

    PairPass(
            TrainableModel model,
            ReferencePass reference,
            PreferenceLoss loss,
            BlockPass.Memory memory) {
        this.model = model;
        this.reference = reference;
        this.loss = loss;
        this.memory = memory;
    }

    /** One whose reference is the network with its adapters off. */
    PairPass(TrainableModel model, PreferenceLoss loss, BlockPass.Memory memory) {
        this(model, new ReferencePass.SwitchedOff(), loss, memory);
    }

    /** What a pair taught, and by which errors. */
    record Taught(PairErrors errors, PairLoss loss, double timestep) {}

    /** A side, ready to be computed. */
    private record Side(Tensor target, NetworkPass pass, long dropoutSeed) {}

    /**
     * Computes loss and gradients of one pair.
     *
     * @param share of this pair in its step: its gradients are multiplied by it
     * @return not finite where the numbers have left the range of their type; then no gradient is
     *     added
     */
    Taught run(TrainableNetwork network, LatentPair pair, Draw draw, double share) {
        var adapters = network.adapters();
        try (var scope = TensorScope.inference()) {
            TorchDevice device = network.device();
            device.makeCurrent();
            Tensor epsilon =
                    device.place(
                            Noise.normal(draw.noiseFor(pair), pair.winner().shape()),
                            DType.FLOAT32);
            Side winner = side(network, pair, pair.winner(), epsilon, draw, 0);
            if (!loss.prefers()) {
                return winnerAlone(adapters, winner, draw, share);
            }
            Side loser = side(network, pair, pair.loser(), epsilon, draw, 1);
            double[] known =
                    reference.with(
                            network, () -> new double[] {reference(winner), reference(loser)});
            adapters.dropout(winner.dropoutSeed());
            try (var winnerPass = forward(winner)) {
                adapters.dropout(loser.dropoutSeed());
                try (var loserPass = forward(loser)) {
                    var errors =
                            new PairErrors(
                                    error(winnerPass.output(), winner.target()),
                                    known[0],
                                    error(loserPass.output(), loser.target()),
                                    known[1]);
                    PairLoss taught = loss.of(errors);
                    if (Double.isFinite(taught.loss())) {
                        backward(loserPass, loser, taught.loserSlope() * share);
                        adapters.dropout(winner.dropoutSeed());
                        backward(winnerPass, winner, taught.winnerSlope() * share);
                    }
                    return new Taught(errors, taught, draw.timestep());
                }
            } finally {
                adapters.keepAll();
            }
        }
    }

    /** Nothing depends on loser and reference: their errors count as equal. */
    private Taught winnerAlone(LoraLayers adapters, Side winner, Draw draw, double share) {
        adapters.dropout(winner.dropoutSeed());
        try (var pass = forward(winner)) {
            double own = error(pass.output(), winner.target());
            var errors = new PairErrors(own, own, own, own);
            PairLoss taught = loss.of(errors);
            if (Double.isFinite(taught.loss())) {
                backward(pass, winner, taught.winnerSlope() * share);
            }
            return new Taught(errors, taught, draw.timestep());
        } finally {
            adapters.keepAll();
        }
    }

    private Side side(
            TrainableNetwork network,
            LatentPair pair,
            Tensor latents,
            Tensor epsilon,
            Draw draw,
            int index) {
        double signal = model.schedule().signal(draw.timestep());
        double noise = model.schedule().noise(draw.timestep());
        Tensor clean = network.device().place(latents, DType.FLOAT32);
        Tensor noisy =
                TensorScope.compute(() -> Ops.mul(clean, signal).add(Ops.mul(epsilon, noise)));
        return new Side(
                model.prediction().target(clean, epsilon, signal, noise),
                network.pass(noisy, draw.timestep(), pair.condition()),
                Noise.seed(draw.dropoutSeed(), index));
    }

    private static double reference(Side side) {
        try (var scope = TensorScope.inference()) {
            return error(BlockPass.infer(side.pass().input(), side.pass().blocks()), side.target());
        }
    }

    private BlockPass forward(Side side) {
        return BlockPass.forward(side.pass().input(), side.pass().blocks(), memory);
    }

    /** Mean squared error over all numbers, in float32. */
    private static double error(Tensor prediction, Tensor target) {
        try (var scope = TensorScope.inference()) {
            Tensor difference = Ops.to(prediction, DType.FLOAT32).sub(target);
            return difference.mul(difference).mean().item_float();
        }
    }

    /** The error's gradient is 2 (prediction - target) / numbers. */
    private static void backward(BlockPass pass, Side side, double slope) {
        try (var scope = TensorScope.inference()) {
            Tensor prediction = pass.output();
            Tensor difference = Ops.to(prediction, DType.FLOAT32).sub(side.target());
            double factor = 2 * slope / difference.numel();
            pass.backward(Ops.mul(difference, factor).to(prediction.scalar_type()));
        }
    }
}
