package dev.reelrank.bench.align;

import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.List;

/** One model per device, loaded one after the other; closing frees them all. */
final class LoadedReplicas implements AutoCloseable {
    private final List<TrainableModel> models = new ArrayList<>();

    LoadedReplicas(Trainable weights, TrainingSettings settings, List<TorchDevice> devices) {
        try {
            for (TorchDevice device : devices) {
                device.makeCurrent();
                models.add(weights.train(settings, device));
                device.synchronize();
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** In the order of the devices. */
    List<TrainableModel> models() {
        return List.copyOf(models);
    }

    @Override
    public void close() {
        models.forEach(TrainableModel::close);
        models.clear();
    }
}
