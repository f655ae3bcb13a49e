package dev.reelrank.wan;

import dev.reelrank.diffusion.train.NoiseRange;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainableNetwork;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraLayers;
import java.util.ArrayList;

/** Loads Wan's experts for training: each with adapters of its own, on its own range of noise. */
final class WanTraining {
    private WanTraining() {}

    static TrainableModel load(
            WanSnapshot snapshot, TrainingSettings settings, TorchDevice device) {
        var experts = snapshot.experts();
        for (String name : settings.networks()) {
            if (experts.stream().noneMatch(expert -> expert.folder().equals(name))) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "%s has no network '%s' to train; it has %s"
                                .formatted(
                                        snapshot.folder(),
                                        name,
                                        experts.stream().map(Expert::folder).toList()));
            }
        }
        var networks = new ArrayList<TrainableNetwork>();
        try {
            for (var expert : experts) {
                if (settings.networks().isEmpty()
                        || settings.networks().contains(expert.folder())) {
                    networks.add(network(snapshot, expert, settings, device));
                }
            }
            var traits = snapshot.training();
            return new TrainableModel(traits.prediction(), traits.noise(), networks);
        } catch (RuntimeException e) {
            networks.forEach(TrainableNetwork::close);
            throw e;
        }
    }

    private static TrainableNetwork network(
            WanSnapshot snapshot, Expert expert, TrainingSettings settings, TorchDevice device) {
        var adapters = new LoraLayers(settings.lora(), settings.seed(), settings.branch());
        try (TensorSource source = snapshot.expert(expert, settings.merged())) {
            return new WanNetwork(
                    expert.folder(),
                    noise(snapshot, expert),
                    snapshot.transformer(),
                    source,
                    device,
                    settings.precision(),
                    adapters);
        } catch (RuntimeException e) {
            adapters.close();
            throw e;
        }
    }

    /** The high-noise expert works from the boundary up, the other below it. */
    private static NoiseRange noise(WanSnapshot snapshot, Expert expert) {
        int timesteps = snapshot.training().noise().timesteps();
        double share = snapshot.defaults().parameters().getOrDefault(WanSnapshot.BOUNDARY, 0.0);
        double boundary = snapshot.twoExperts() ? share * timesteps : 0;
        return expert == Expert.HIGH
                ? new NoiseRange(boundary, timesteps)
                : new NoiseRange(0, boundary);
    }
}
