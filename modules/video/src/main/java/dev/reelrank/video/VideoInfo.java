package dev.reelrank.video;

import java.nio.file.Path;

/**
 * What a video file holds, as read back from the file itself.
 *
 * @param file where it lies
 * @param codec name of the stream's codec as FFmpeg gives it, for example {@code h264}
 * @param pixelFormat for example {@code yuv420p}
 * @param width pixels
 * @param height pixels
 * @param frames number of frames, at least 1
 * @param fps frames per second
 * @param bytes size of the file
 */
public record VideoInfo(
        Path file,
        String codec,
        String pixelFormat,
        int width,
        int height,
        int frames,
        double fps,
        long bytes) {
    /** Length in seconds. */
    public double seconds() {
        return frames / fps;
    }
}
