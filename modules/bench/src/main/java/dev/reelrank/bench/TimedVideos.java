package dev.reelrank.bench;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Videos of any size to measure speed with, in a folder of their own that goes with them. */
public final class TimedVideos implements AutoCloseable {
    private static final double FPS = 16;

    private final Path folder;
    private final List<Video> all = new ArrayList<>();

    /**
     * A video of the testbed's test split.
     *
     * @param reference its first frame
     */
    public record Video(String prompt, RgbImage reference, Path file) {}

    /** Renders and encodes so many. */
    public TimedVideos(int count, int width, int height, int frames) throws IOException {
        folder = Files.createTempDirectory("reelrank-bench-videos");
        for (int i = 0; i < count; i++) {
            var scene = SceneMaker.scene(Split.TEST.seed(i));
            List<RgbImage> pictures =
                    Renderer.render(scene, frames).frames().stream()
                            .map(f -> enlarged(f, width, height))
                            .toList();
            Path file = folder.resolve(i + ".mp4");
            VideoWriter.write(file, pictures, VideoSettings.h264(FPS));
            all.add(new Video(Prompts.verbose(scene, 0), pictures.get(0), file));
        }
    }

    /** In the order of the scenes. */
    public List<Video> all() {
        return List.copyOf(all);
    }

    /** Nearest pixels: only the amount of work matters here. */
    private static RgbImage enlarged(RgbImage frame, int width, int height) {
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    rgb[(y * width + x) * 3 + c] =
                            (byte)
                                    frame.at(
                                            x * frame.width() / width,
                                            y * frame.height() / height,
                                            c);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }

    @Override
    public void close() throws IOException {
        for (Video video : all) {
            Files.deleteIfExists(video.file());
        }
        Files.deleteIfExists(folder);
    }
}
