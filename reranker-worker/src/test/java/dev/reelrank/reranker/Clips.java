package dev.reelrank.reranker;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Pictures and videos for tests. */
final class Clips {
    private Clips() {}

    static Scene scene(int index) {
        return SceneMaker.scene(Split.TEST.seed(index));
    }

    static RgbImage still(int index) {
        return Renderer.still(scene(index));
    }

    static Path video(Path file, List<RgbImage> frames) {
        return VideoWriter.write(
                        file, frames, VideoSettings.h264(16).withPreset(EncodingPreset.VERYFAST))
                .file();
    }

    static Path rendered(Path file, int index, int frames) {
        return video(file, Renderer.render(scene(index), frames).frames());
    }

    static Path flat(Path file, int grey, int frames, int width, int height) {
        var rgb = new byte[width * height * 3];
        Arrays.fill(rgb, (byte) grey);
        return video(file, Collections.nCopies(frames, new RgbImage(width, height, rgb)));
    }
}
