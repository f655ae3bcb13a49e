package dev.reelrank.dqa;

import dev.reelrank.pipeline.Device;
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
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rendered clips of the test split, and the stage with the testbed's models. */
final class Clips {
    static final Path MODELS = Path.of("../models/testbed");

    private Clips() {}

    static GradeStage stage(Path cache) {
        return new GradeStage(ModelFolders.of(MODELS), new FileFingerprints(cache), Device.CPU);
    }

    static Scene scene(int index) {
        return SceneMaker.scene(Split.TEST.seed(index));
    }

    static RgbImage still(int index) {
        return Renderer.still(scene(index));
    }

    static String prompt(int index) {
        return Prompts.verbose(scene(index), index % 4);
    }

    static Path clean(Path folder, int index, int frames) {
        return video(
                folder.resolve("clean-" + index + "-" + frames + ".mp4"),
                Renderer.render(scene(index), frames).frames());
    }

    static Path corrupted(Path folder, int index, Corruption corruption) {
        return video(
                folder.resolve(corruption + "-" + index + ".mp4"),
                Corrupted.make(scene(index), corruption, 17, .5f).clip().frames());
    }

    static Path grey(Path folder, int side, int frames) {
        return greyThenFlicker(folder, side, frames, 0);
    }

    /** Frames that stand still, and some behind them of which every other one is white. */
    static Path greyThenFlicker(Path folder, int side, int still, int flicker) {
        var frames = new ArrayList<RgbImage>();
        for (int i = 0; i < still + flicker; i++) {
            byte[] rgb = new byte[side * side * 3];
            Arrays.fill(rgb, (byte) (i >= still && i % 2 == 0 ? 255 : 90));
            frames.add(new RgbImage(side, side, rgb));
        }
        return video(folder.resolve("grey-%d-%d-%d.mp4".formatted(side, still, flicker)), frames);
    }

    private static Path video(Path file, List<RgbImage> frames) {
        return VideoWriter.write(
                        file, frames, VideoSettings.h264(16).withPreset(EncodingPreset.VERYFAST))
                .file();
    }
}
