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

/** Spoils candidates in time and stores what comes out. */
final class SpoiltVideos implements JitterPairs.Spoiler {
    /** Flicker is what the loser is about: the encoder must not smooth it away. */
    private static final int CRF = 8;

    private final ResultStore store;
    private final Spoiling spoiling;

    SpoiltVideos(ResultStore store, Spoiling spoiling) {
        this.store = store;
        this.spoiling = spoiling;
    }

    /** How frames are spoilt. */
    interface Spoiling {
        List<RgbImage> spoil(JudgedSample sample, List<RgbImage> clean, long seed);
    }

    /** Noise and a colour shift per frame, as Video-DPO's first way. */
    static Spoiling noise(double strength) {
        return (sample, clean, seed) -> {
            var jitter = new NoiseJitter(strength, seed);
            var spoilt = new ArrayList<RgbImage>();
            for (RgbImage frame : clean) {
                spoilt.add(jitter.apply(frame, spoilt.size()));
            }
            return spoilt;
        };
    }

    @Override
    public BlobRef spoil(JudgedSample sample, BlobRef winner, long seed) {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("reelrank-pairs");
            Path source = store.fetch(winner, folder);
            double fps = VideoReader.probe(source).fps();
            var frames = spoiling.spoil(sample, VideoReader.readAll(source), seed);
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
