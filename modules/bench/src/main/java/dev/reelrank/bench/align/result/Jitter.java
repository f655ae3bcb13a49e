package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.pairs.NoiseJitter;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Pairs of recordings of the train split, steady against spoilt in time. */
final class Jitter {
    /** Frames that the VAE holds in one latent frame, after the first. */
    private static final int GROUP = 4;

    private final Trainable trainable;
    private final Workers workers;
    private final Consumer<String> progress;

    Jitter(Trainable trainable, Workers workers, Consumer<String> progress) {
        this.trainable = trainable;
        this.workers = workers;
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

    /**
     * Every second group of four frames is darker, from the second frame on. A faster flicker does
     * not pass the testbed's VAE: what alternates from frame to frame comes back as its mean.
     *
     * @param strength share of the brightness that is lost, 0..1
     */
    static Spoiling flicker(double strength) {
        return (sample, clean) -> {
            var spoilt = new ArrayList<RgbImage>();
            for (int i = 0; i < clean.size(); i++) {
                boolean dark = i > 0 && (i - 1) / GROUP % 2 == 0;
                spoilt.add(dark ? times(clean.get(i), 1 - strength) : clean.get(i));
            }
            return spoilt;
        };
    }

    private static RgbImage times(RgbImage frame, double gain) {
        byte[] rgb = frame.rgb().clone();
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.round((rgb[i] & 0xff) * gain);
        }
        return new RgbImage(frame.width(), frame.height(), rgb);
    }

    /**
     * @param spoiltWins whether the spoilt one is the winner: so a generator is worn
     */
    List<Path> make(
            PairFiles kept, List<SceneSample> samples, Spoiling spoiling, boolean spoiltWins) {
        workers.each(
                kept.unseen(samples),
                place -> trainable.encoder(Precision.FP32, TorchDevice.of(place)),
                (encoder, sample) -> {
                    var clean = sample.truth().clip().frames();
                    var spoilt = spoiling.spoil(sample, clean);
                    kept.add(
                            sample,
                            encoder,
                            spoiltWins ? spoilt : clean,
                            spoiltWins ? clean : spoilt);
                    progress.accept("pair " + sample.id());
                });
        return kept.of(samples, samples.size());
    }
}
