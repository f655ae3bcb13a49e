package dev.reelrank.bench.align.result;

import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The same model several times, for the pairs of a step. */
final class ModelReplicas implements AutoCloseable {
    private final List<TrainableModel> models = new ArrayList<>();

    ModelReplicas(Trainable model, TrainingSettings settings, List<Device> places) {
        try {
            for (Device place : places) {
                models.add(model.train(settings, TorchDevice.of(place)));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    List<TrainableModel> all() {
        return Collections.unmodifiableList(models);
    }

    @Override
    public void close() {
        models.forEach(TrainableModel::close);
    }
}
