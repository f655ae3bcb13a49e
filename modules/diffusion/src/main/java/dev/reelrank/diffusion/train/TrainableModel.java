package dev.reelrank.diffusion.train;

import dev.reelrank.diffusion.schedule.NoiseSchedule;
import dev.reelrank.diffusion.schedule.PredictionType;
import java.util.List;

/**
 * A generator loaded for training.
 *
 * @param prediction what its networks predict
 * @param schedule how noisy a sample is at each timestep
 * @param networks at least one, each with new adapters
 */
public record TrainableModel(
        PredictionType prediction, NoiseSchedule schedule, List<TrainableNetwork> networks)
        implements AutoCloseable {
    public TrainableModel {
        networks = List.copyOf(networks);
        if (networks.isEmpty()) {
            throw new IllegalArgumentException("no network to train");
        }
    }

    /** Frees every network. */
    @Override
    public void close() {
        networks.forEach(TrainableNetwork::close);
    }
}
