package dev.reelrank.testsupport;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Corrupted;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Scenes of the testbed's test split, by index, as pictures, prompts and video files. */
public final class RenderedClips {
    private static final int CORRUPTION_SEED = 17;
    private static final float CORRUPTION_STRENGTH = .5f;

    private RenderedClips() {}

    public static Scene scene(int index) {
        return SceneMaker.scene(Split.TEST.seed(index));
    }

    /** The reference picture of a scene. */
    public static RgbImage still(int index) {
        return Renderer.still(scene(index));
    }

    public static String prompt(int index) {
        return Prompts.verbose(scene(index), index % 4);
    }

    /** Writes a scene as it should be. */
    public static Path rendered(Path file, int index, int frames) {
        return video(file, Renderer.render(scene(index), frames).frames());
    }

    /** Writes a scene with something wrong in it. */
    public static Path corrupted(Path file, int index, Corruption corruption) {
        var damaged =
                Corrupted.make(scene(index), corruption, CORRUPTION_SEED, CORRUPTION_STRENGTH);
        return video(file, damaged.clip().frames());
    }

    /**
     * Writes frames of one grey.
     *
     * @param grey 0..255
     */
    public static Path flat(Path file, int grey, int frames, int width, int height) {
        var rgb = new byte[width * height * 3];
        Arrays.fill(rgb, (byte) grey);
        return video(file, Collections.nCopies(frames, new RgbImage(width, height, rgb)));
    }

    /** Writes frames that stand still, and some behind them of which every other one is white. */
    public static Path greyThenFlicker(Path file, int side, int still, int flicker) {
        var frames = new ArrayList<RgbImage>();
        for (int i = 0; i < still + flicker; i++) {
            byte[] rgb = new byte[side * side * 3];
            Arrays.fill(rgb, (byte) (i >= still && i % 2 == 0 ? 255 : 90));
            frames.add(new RgbImage(side, side, rgb));
        }
        return video(file, frames);
    }

    /** Writes frames as H.264, fast. */
    public static Path video(Path file, List<RgbImage> frames) {
        return VideoWriter.write(
                        file, frames, VideoSettings.h264(16).withPreset(EncodingPreset.VERYFAST))
                .file();
    }
}
