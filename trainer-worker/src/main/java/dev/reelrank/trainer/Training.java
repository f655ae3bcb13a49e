package dev.reelrank.trainer;

import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.alignment.train.PreferenceTrainer;
import dev.reelrank.alignment.train.StepReport;
import dev.reelrank.alignment.train.TrainedAdapters;
import dev.reelrank.alignment.train.TrainingConfig;
import dev.reelrank.alignment.train.TrainingListener;
import dev.reelrank.alignment.train.TrainingPairs;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainableModel;
import dev.reelrank.diffusion.train.TrainingSettings;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.train.LoraConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the trainer of one request and puts the adapter into the store. */
final class Training {
    private static final String MEDIA_TYPE = "application/octet-stream";
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    private final AlignKey key;
    private final AlignConfig config;
    private final @Nullable AdapterRef parent;
    private final StageContext context;
    private final StoreCheckpoints checkpoints;
    private final StepHistory history;
    private final List<Device> devices;

    /**
     * @param parent the adapter to go on from, null to begin anew
     * @param devices one model is loaded onto each
     */
    Training(
            AlignKey key,
            AlignConfig config,
            @Nullable AdapterRef parent,
            StageContext context,
            StoreCheckpoints checkpoints,
            StepHistory history,
            List<Device> devices) {
        this.key = key;
        this.config = config;
        this.parent = parent;
        this.context = context;
        this.checkpoints = checkpoints;
        this.history = history;
        this.devices = List.copyOf(devices);
    }

    /**
     * How it ended.
     *
     * @param files of the adapter by network; empty if it was stopped
     * @param step steps done
     */
    record Ended(Map<String, BlobRef> files, long step) {}

    /** Trains to the end, or until the context is cancelled. */
    Ended run(TrainingPairs pairs) {
        Trainable trainable = TrainerModels.trainable(key.model());
        var models = new ArrayList<TrainableModel>();
        try {
            for (Device device : devices) {
                models.add(trainable.train(settings(), TorchDevice.of(device)));
            }
            if (parent != null) {
                begin(models, parent);
            }
            try (var trainer =
                    new PreferenceTrainer(
                            models, pairs, training(trainable), checkpoints, context.scratch())) {
                var outcome = trainer.run(new Told());
                return new Ended(
                        outcome.complete() ? stored(models.get(0)) : Map.of(), outcome.step());
            }
        } finally {
            models.forEach(TrainableModel::close);
        }
    }

    private TrainingSettings settings() {
        return new TrainingSettings(
                key.weights(),
                key.merged(),
                lora(key, config),
                config.seed(),
                config.networks(),
                null);
    }

    /** What is trained beside each layer. */
    static LoraConfig lora(AlignKey key, AlignConfig config) {
        var targets =
                config.targets().isEmpty()
                        ? key.model().training().loraTargets().stream()
                                .map(pattern -> "^" + pattern.pattern())
                                .toList()
                        : config.targets();
        return new LoraConfig(config.rank(), config.alpha(), config.dropout(), targets);
    }

    private TrainingConfig training(Trainable trainable) {
        return TrainingConfig.of(
                config, trainable.timesteps(), key.model().training().prediction());
    }

    /**
     * Before anything is loaded: a family whose noise cannot be drawn again has no use for it.
     *
     * @throws StageException INVALID_CONFIG
     */
    static void requireNoise(AlignKey key, AlignConfig config) {
        if (config.ownNoiseShare() > 0 && !TrainerModels.trainable(key.model()).seededNoise()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "align.ownNoise is %s, but %s, of family %s, draws more than a video's noise from its seed: set it to 0"
                            .formatted(
                                    config.ownNoiseShare(),
                                    key.model().folder(),
                                    key.model().family()));
        }
    }

    /** Every replica begins with the same values. */
    private void begin(List<TrainableModel> models, AdapterRef adapter) {
        adapter.files()
                .forEach(
                        (network, blob) -> {
                            Path file = context.store().fetch(blob, context.scratch());
                            try (var scope = TensorScope.open()) {
                                var read =
                                        DiffusersAdapter.read(
                                                file, DiffusersAdapter.prefix(network));
                                for (var model : models) {
                                    model.networks().stream()
                                            .filter(n -> n.name().equals(network))
                                            .forEach(n -> TrainedAdapters.begin(n, read));
                                }
                            }
                        });
    }

    private Map<String, BlobRef> stored(TrainableModel model) {
        var files = new LinkedHashMap<String, BlobRef>();
        TrainedAdapters.of(model)
                .forEach(
                        (network, adapter) -> {
                            Path file = context.scratch().resolve(network + ".safetensors");
                            DiffusersAdapter.write(file, DiffusersAdapter.prefix(network), adapter);
                            files.put(network, context.store().putBlob(file, MEDIA_TYPE));
                        });
        return files;
    }

    /** Tells the bus and the log. */
    private final class Told implements TrainingListener {
        @Override
        public boolean step(StepReport report) {
            history.add(report);
            context.progress(0, (int) report.step(), report.steps(), history.figures(report));
            return !context.cancelled();
        }

        @Override
        public void stored(long step) {
            history.keep();
            LOG.info("the state of step {} of {} is stored", step, config.steps());
        }

        @Override
        public void resumed(long step) {
            history.resume(step);
            LOG.info("the training goes on from step {} of {}", step, config.steps());
        }

        @Override
        public void damaged(long step, String problem) {
            LOG.warn(
                    "the checkpoint of step {} cannot be used, the one before it is tried: {}",
                    step,
                    problem);
        }
    }
}
