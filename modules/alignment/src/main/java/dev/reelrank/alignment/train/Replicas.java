package dev.reelrank.alignment.train;

import dev.reelrank.alignment.loss.PreferenceLoss;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.GradientSum;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One model per device, all with the same adapters. The passes of a step are shared out among them
 * in turn, and their gradients are added in the order of the passes: the result is that of one
 * device.
 */
final class Replicas implements AutoCloseable {
    private final List<TrainableModel> models;
    private final TrainingPairs pairs;
    private final List<PairPass> passes = new ArrayList<>();
    private final ExecutorService threads;

    /**
     * @param references one for each model
     */
    Replicas(
            List<TrainableModel> models,
            List<ReferencePass> references,
            TrainingPairs pairs,
            PreferenceLoss loss,
            BlockPass.Memory memory) {
        this.models = models;
        this.pairs = pairs;
        for (int i = 0; i < models.size(); i++) {
            passes.add(new PairPass(models.get(i), references.get(i), loss, memory));
        }
        threads =
                Executors.newFixedThreadPool(
                        models.size(),
                        body -> {
                            var thread = new Thread(body, "training-replica");
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /**
     * Runs the passes of a step.
     *
     * @param network its place in the model
     * @param sum takes the gradients, each pass with an equal share
     * @return one entry per pass
     */
    List<PairPass.Taught> run(int network, List<Draw> draws, GradientSum sum) {
        var taught = new ArrayList<PairPass.Taught>();
        for (int from = 0; from < draws.size(); from += models.size()) {
            int count = Math.min(models.size(), draws.size() - from);
            var running = new ArrayList<Future<PairPass.Taught>>();
            for (int i = 0; i < count; i++) {
                Draw draw = draws.get(from + i);
                int replica = i;
                running.add(threads.submit(() -> pass(replica, network, draw, 1.0 / draws.size())));
            }
            for (int i = 0; i < count; i++) {
                taught.add(result(running.get(i)));
            }
            for (int i = 0; i < count; i++) {
                sum.take(models.get(i).networks().get(network).adapters().tensors());
            }
        }
        return taught;
    }

    private PairPass.Taught pass(int replica, int network, Draw draw, double share) {
        TrainableNetwork trained = models.get(replica).networks().get(network);
        try (var scope = TensorScope.inference()) {
            LatentPair pair = pairs.pair(draw.pair()).checked(pairs.name(draw.pair()));
            return passes.get(replica).run(trained, pair, draw, share);
        }
    }

    private static PairPass.Taught result(Future<PairPass.Taught> running) {
        try {
            return running.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a pair was computed", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Gives every other replica the first one's adapter of a network. */
    void share(int network) {
        var first = models.get(0).networks().get(network).adapters().tensors();
        for (var model : models.subList(1, models.size())) {
            model.networks().get(network).adapters().restore(first);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
