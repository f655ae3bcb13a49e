package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraLayers;
import java.util.List;

/** Loads the transformer for training, with new adapters beside its layers. */
final class CogTraining {
    private CogTraining() {}

    static TrainableModel load(CogModel model, TrainingSettings settings, TorchDevice device) {
        for (String name : settings.networks()) {
            if (!name.equals(CogModel.TRANSFORMER)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "%s has no network '%s' to train; it has %s"
                                .formatted(model, name, CogModel.TRANSFORMER));
            }
        }
        if (settings.precision().float8Rows()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "precision %s has no gradients: train with fp32, bf16, bf16-weights or fp8-weights"
                            .formatted(settings.precision().id()));
        }
        var adapters = new LoraLayers(settings.lora(), settings.seed(), settings.branch());
        try (var source = model.merged(settings.merged())) {
            var transformer =
                    new CogTransformer(
                            model.transformer(),
                            source,
                            device,
                            device,
                            settings.precision().dtype(),
                            settings.precision().format(),
                            adapters);
            var traits = model.training();
            return new TrainableModel(
                    traits.prediction(),
                    traits.noise(),
                    List.of(
                            new CogNetwork(
                                    transformer, device, adapters, traits.noise().timesteps())));
        } catch (RuntimeException e) {
            adapters.close();
            throw e;
        }
    }
}
