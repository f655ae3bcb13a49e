package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.pairs.NoiseJitter;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Corrupted;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Pairs of recordings of the train split, steady against spoilt in time. */
final class Jitter {
    private final Trainable trainable;
    private final Consumer<String> progress;

    Jitter(Trainable trainable, Consumer<String> progress) {
        this.trainable = trainable;
        this.progress = progress;
    }

    /** How a recording is spoilt. */
    interface Spoiling {
        List<RgbImage> spoil(SceneSample sample, List<RgbImage> clean);
    }

    /** Video-DPO's: noise and a colour shift per frame. */
    static Spoiling noise(double strength) {
        return (sample, clean) -> {
            var jitter = new NoiseJitter(strength, sample.index());
            var spoilt = new ArrayList<RgbImage>();
            for (int i = 0; i < clean.size(); i++) {
                spoilt.add(jitter.apply(clean.get(i), i));
            }
            return spoilt;
        };
    }

    /** Every second frame is darker. */
    static Spoiling flicker(double strength) {
        return (sample, clean) ->
                Corrupted.make(
                                sample.scene(),
                                Corruption.FLICKER,
                                SceneSample.FRAMES,
                                (float) strength)
                        .clip()
                        .frames();
    }

    /**
     * @param spoiltWins whether the spoilt one is the winner: so a generator is worn
     */
    List<Path> make(
            PairFiles kept, List<SceneSample> samples, Spoiling spoiling, boolean spoiltWins) {
        if (samples.stream().allMatch(kept::seen)) {
            return kept.all();
        }
        try (var encoder = trainable.encoder(Precision.FP32, TorchDevice.cpu())) {
            for (SceneSample sample : samples) {
                if (kept.seen(sample)) {
                    continue;
                }
                var clean = sample.truth().clip().frames();
                var spoilt = spoiling.spoil(sample, clean);
                kept.add(sample, encoder, spoiltWins ? spoilt : clean, spoiltWins ? clean : spoilt);
                progress.accept("pair " + sample.id());
            }
        }
        return kept.all();
    }
}
