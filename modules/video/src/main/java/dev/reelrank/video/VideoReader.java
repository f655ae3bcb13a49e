package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;
import org.jspecify.annotations.Nullable;

/**
 * Reads a video frame by frame; holds one decoded frame at a time.
 *
 * <pre>{@code
 * try (var reader = VideoReader.open(file)) {
 *     for (RgbImage frame = reader.next(); frame != null; frame = reader.next()) { … }
 * }
 * }</pre>
 *
 * <p>Not thread-safe. A file that is not a video, is empty, or ends before its last frame is a
 * {@link StageException} with UNREADABLE_VIDEO.
 */
public final class VideoReader implements AutoCloseable {
    private final Path file;
    private final FFmpegFrameGrabber grabber;
    private final VideoInfo info;
    private int position;

    private VideoReader(Path file, FFmpegFrameGrabber grabber, VideoInfo info) {
        this.file = file;
        this.grabber = grabber;
        this.info = info;
    }

    /**
     * Opens a video and reads its header.
     *
     * @throws StageException UNREADABLE_VIDEO
     */
    public static VideoReader open(Path file) {
        FfmpegLog.quiet();
        long bytes = size(file);
        var grabber = grabber(file);
        try {
            grabber.start();
            if (grabber.getVideoStream() < 0
                    || grabber.getImageWidth() < 1
                    || grabber.getImageHeight() < 1) {
                throw unreadable(file, "it has no video stream", null);
            }
            int frames = count(file, grabber);
            if (frames < 1) {
                throw unreadable(file, "it holds no frame", null);
            }
            double fps = grabber.getVideoFrameRate();
            var pixels = avutil.av_get_pix_fmt_name(streamPixelFormat(grabber));
            var info =
                    new VideoInfo(
                            file,
                            codec(grabber),
                            pixels == null ? "unknown" : pixels.getString(),
                            grabber.getImageWidth(),
                            grabber.getImageHeight(),
                            frames,
                            fps > 0 ? fps : 1,
                            bytes);
            return new VideoReader(file, grabber, info);
        } catch (IOException e) {
            release(grabber);
            throw unreadable(file, "its header is not that of a video", e);
        } catch (StageException e) {
            release(grabber);
            throw e;
        }
    }

    /** Reads the header alone. */
    public static VideoInfo probe(Path file) {
        try (var reader = open(file)) {
            return reader.info();
        }
    }

    /**
     * Reads every frame into memory: width × height × 3 bytes each, 224 MB for 81 frames of
     * 1280x720. For short or small videos; otherwise read frame by frame.
     */
    public static List<RgbImage> readAll(Path file) {
        try (var reader = open(file)) {
            var frames = new ArrayList<RgbImage>(reader.info().frames());
            for (var frame = reader.next(); frame != null; frame = reader.next()) {
                frames.add(frame);
            }
            return frames;
        }
    }

    /** What the file holds. */
    public VideoInfo info() {
        return info;
    }

    /** The index of the frame that {@link #next} would give, from 0. */
    public int position() {
        return position;
    }

    /**
     * The next frame, or null after the last.
     *
     * @throws StageException UNREADABLE_VIDEO when the file ends early
     */
    public @Nullable RgbImage next() {
        var frame = grab(true);
        if (frame == null) {
            return null;
        }
        int row = info.width() * 3;
        var rgb = new byte[Math.multiplyExact(row, info.height())];
        var pixels = (ByteBuffer) frame.image[0];
        for (int y = 0; y < info.height(); y++) {
            pixels.get(y * frame.imageStride, rgb, y * row, row);
        }
        return new RgbImage(info.width(), info.height(), rgb);
    }

    /** Passes over a frame without converting its pixels; false after the last. */
    public boolean skip() {
        return grab(false) != null;
    }

    private @Nullable Frame grab(boolean pixels) {
        if (position == info.frames()) {
            return null;
        }
        try {
            var frame = grabber.grabFrame(false, true, pixels, false);
            if (frame == null) {
                throw unreadable(
                        file,
                        "it ends after frame %d of %d".formatted(position, info.frames()),
                        null);
            }
            position++;
            return frame;
        } catch (IOException e) {
            throw unreadable(file, "frame " + position + " does not decode", e);
        }
    }

    @Override
    public void close() {
        release(grabber);
    }

    private static FFmpegFrameGrabber grabber(Path file) {
        var grabber = new FFmpegFrameGrabber(file.toFile());
        grabber.setPixelFormat(avutil.AV_PIX_FMT_RGB24);
        grabber.setImageScalingFlags(
                swscale.SWS_BICUBIC | swscale.SWS_ACCURATE_RND | swscale.SWS_FULL_CHR_H_INT);
        return grabber;
    }

    private static String codec(FFmpegFrameGrabber grabber) {
        return String.valueOf(grabber.getVideoCodecName());
    }

    private static int streamPixelFormat(FFmpegFrameGrabber grabber) {
        var stream = grabber.getFormatContext().streams(grabber.getVideoStream());
        return stream.codecpar().format();
    }

    /** The container's own count; where it has none, one pass over the file counts. */
    private static int count(Path file, FFmpegFrameGrabber grabber) throws IOException {
        long known = grabber.getFormatContext().streams(grabber.getVideoStream()).nb_frames();
        if (known > 0) {
            return Math.toIntExact(known);
        }
        var counter = grabber(file);
        try {
            counter.start();
            int frames = 0;
            while (counter.grabFrame(false, true, false, false) != null) {
                frames++;
            }
            return frames;
        } finally {
            release(counter);
        }
    }

    private static long size(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes == 0) {
                throw unreadable(file, "it is empty (0 bytes)", null);
            }
            return bytes;
        } catch (IOException e) {
            throw unreadable(file, "there is no such readable file", e);
        }
    }

    private static void release(FFmpegFrameGrabber grabber) {
        try {
            grabber.close();
        } catch (IOException e) {
            throw new StageException(FailureCode.INTERNAL_ERROR, "a video could not be closed", e);
        }
    }

    private static StageException unreadable(Path file, String why, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.UNREADABLE_VIDEO,
                "cannot read the video %s: %s; make or copy it again".formatted(file, why),
                cause);
    }
}
