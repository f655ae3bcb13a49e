package dev.reelrank.upscale;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.VideoInfo;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Path;
import java.util.function.IntConsumer;

/**
 * Enlarges a video frame by frame. Frames know nothing of each other, so fine texture may flicker.
 */
public final class VideoUpscale {
    private VideoUpscale() {}

    /**
     * Enlarges a video; the result appears under its name when it is complete.
     *
     * @param codec settings of the result; its frame rate is that of the video
     * @param progress is told how many frames are done
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO, OUT_OF_DISK,
     *     OUT_OF_DEVICE_MEMORY
     */
    public static VideoInfo enlarge(
            Upscaler upscaler, Path from, Path to, VideoSettings codec, IntConsumer progress) {
        try (var reader = VideoReader.open(from)) {
            int scale = upscaler.scale();
            var settings =
                    new VideoSettings(
                            codec.codec(), codec.crf(), codec.preset(), reader.info().fps());
            try (var writer =
                    VideoWriter.open(
                            to,
                            scale * reader.info().width(),
                            scale * reader.info().height(),
                            settings)) {
                int done = 0;
                for (RgbImage frame = reader.next(); frame != null; frame = reader.next()) {
                    writer.write(upscaler.enlarge(frame));
                    progress.accept(++done);
                }
                return writer.finish();
            }
        }
    }
}
