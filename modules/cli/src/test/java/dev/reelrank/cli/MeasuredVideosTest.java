package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MeasuredVideosTest {
    @TempDir Path folder;

    /** A bright square on waves; it slides by some pixels a frame. */
    private BlobRef video(LocalStore store, String name, int speed) {
        var frames = new ArrayList<RgbImage>();
        for (int i = 0; i < 5; i++) {
            var rgb = new byte[64 * 64 * 3];
            for (int y = 0; y < 64; y++) {
                for (int x = 0; x < 64; x++) {
                    int from = 10 + i * speed;
                    boolean inside = x >= from && x < from + 20 && y >= 20 && y < 40;
                    int value = inside ? 200 + (x - from) * 2 + y / 2 : 40 + (x * 7 + y * 5) % 32;
                    for (int c = 0; c < 3; c++) {
                        rgb[(y * 64 + x) * 3 + c] = (byte) value;
                    }
                }
            }
            frames.add(new RgbImage(64, 64, rgb));
        }
        Path file = folder.resolve(name + ".mp4");
        VideoWriter.write(file, frames, VideoSettings.h264(8));
        return store.putBlob(file, "video/mp4");
    }

    @Test
    void shouldTellAVideoThatMovesFromOneThatStandsStill() {
        try (var store = LocalStore.open(folder.resolve("store"))) {
            var measured = new MeasuredVideos(store);
            var still = measured.of(video(store, "still", 0));
            var moving = measured.of(video(store, "moving", 3));
            assertThat(still.keySet()).containsAll(MeasuredVideos.FIGURES);
            assertThat(still.get("motion")).isLessThan(0.05);
            assertThat(moving.get("motion")).isGreaterThan(0.1);
            assertThat(moving.get("frame_difference")).isGreaterThan(still.get("frame_difference"));
        }
    }
}
