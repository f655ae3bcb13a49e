package dev.reelrank.cli;

import dev.reelrank.alignment.pairs.JitterPairs;
import dev.reelrank.alignment.pairs.JudgedSample;
import dev.reelrank.alignment.pairs.NoiseJitter;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoCodec;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes candidates flicker with noise, as Video-DPO does, and stores them. */
final class NoiseSpoiler implements JitterPairs.Spoiler {
    /** Noise is what the loser is about: the encoder must not smooth it away. */
    private static final int CRF = 8;

    private final ResultStore store;
    private final double strength;

    NoiseSpoiler(ResultStore store, double strength) {
        this.store = store;
        this.strength = strength;
    }

    @Override
    public BlobRef spoil(JudgedSample sample, BlobRef winner, long seed) {
        var jitter = new NoiseJitter(strength, seed);
        Path folder = null;
        try {
            folder = Files.createTempDirectory("reelrank-pairs");
            Path source = store.fetch(winner, folder);
            double fps = VideoReader.probe(source).fps();
            List<RgbImage> frames = new ArrayList<>();
            for (RgbImage frame : VideoReader.readAll(source)) {
                frames.add(jitter.apply(frame, frames.size()));
            }
            Path file = folder.resolve("loser.mp4");
            VideoWriter.write(
                    file,
                    frames,
                    new VideoSettings(VideoCodec.H264, CRF, EncodingPreset.MEDIUM, fps));
            return store.putBlob(file, "video/mp4");
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write a video to " + folder + ": " + e.getMessage(),
                    e);
        } finally {
            TemporaryFolder.delete(folder);
        }
    }
}
