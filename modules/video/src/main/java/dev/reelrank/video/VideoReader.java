package dev.reelrank.video;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
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
 * <p>Frames come as they are meant to be seen: by the colour matrix and range that the stream
 * carries (BT.601 in limited range where it carries none), turned as the container says, without
 * what an edit list leaves out. Pixels are square: an aspect ratio in the file is not applied.
 *
 * <p>Not thread-safe. A {@link StageException} with UNREADABLE_VIDEO is thrown for a file that is
 * no video (a still picture is none), is empty, ends before its last frame, or has a part that does
 * not decode: nothing is guessed.
 */
public final class VideoReader implements AutoCloseable {
    private final Path file;
    private final FrameDecoder decoder;
    private final FrameConverter converter;
    private final VideoInfo info;
    private int position;

    private VideoReader(Path file, FrameDecoder decoder, FrameConverter converter, VideoInfo info) {
        this.file = file;
        this.decoder = decoder;
        this.converter = converter;
        this.info = info;
    }

    /**
     * Opens a video and reads its header.
     *
     * @throws StageException UNREADABLE_VIDEO
     */
    public static VideoReader open(Path file) {
        long bytes = size(file);
        if (GitLfsPointer.is(file)) {
            throw new StageException(FailureCode.UNREADABLE_VIDEO, GitLfsPointer.message(file));
        }
        var picture = StillPicture.of(head(file));
        if (picture.isPresent() && picture.get() != StillPicture.GIF) {
            throw still(file, picture.get());
        }
        var decoder = FrameDecoder.open(file);
        try {
            var orientation = decoder.stream().orientation();
            var info = info(file, bytes, decoder, orientation);
            if (picture.isPresent() && info.frames() < 2) {
                throw still(file, picture.get());
            }
            return new VideoReader(file, decoder, new FrameConverter(file, orientation), info);
        } catch (RuntimeException e) {
            decoder.close();
            throw e;
        }
    }

    private static VideoInfo info(
            Path file, long bytes, FrameDecoder decoder, Orientation orientation) {
        var stored = decoder.stream().parameters();
        if (stored.width() < 1 || stored.height() < 1) {
            throw UnreadableVideo.because(file, "it has no video stream");
        }
        int frames = decoder.stream().indexed().orElseGet(() -> counted(file));
        if (frames < 1) {
            throw UnreadableVideo.because(file, "it contains no frame");
        }
        var pixels = avutil.av_get_pix_fmt_name(stored.format());
        boolean turned = orientation.isTransposed();
        return new VideoInfo(
                file,
                decoder.codecName(),
                pixels == null || pixels.isNull() ? "unknown" : pixels.getString(),
                turned ? stored.height() : stored.width(),
                turned ? stored.width() : stored.height(),
                frames,
                decoder.stream().framesPerSecond(),
                bytes);
    }

    /** One pass over a file whose container has no index. */
    private static int counted(Path file) {
        try (var decoder = FrameDecoder.open(file)) {
            int frames = 0;
            while (decoder.next() != null) {
                frames++;
            }
            return frames;
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
     * The frame of an index; those before it are passed over.
     *
     * @param index not before {@link #position}, below the number of frames
     * @throws StageException UNREADABLE_VIDEO when the file ends early or this part is damaged
     */
    public RgbImage frame(int index) {
        if (index < position || index >= info.frames()) {
            throw new IllegalArgumentException(
                    "no frame %d from %d on, of %d".formatted(index, position, info.frames()));
        }
        while (position < index) {
            skip();
        }
        return Objects.requireNonNull(next(), "the reader has as many frames as it says");
    }

    /**
     * The next frame, or null after the last.
     *
     * @throws StageException UNREADABLE_VIDEO when the file ends early or this part is damaged
     */
    public @Nullable RgbImage next() {
        var frame = grab();
        return frame == null ? null : converter.convert(frame);
    }

    /** Passes over a frame without converting its pixels; false after the last. */
    public boolean skip() {
        return grab() != null;
    }

    private @Nullable AVFrame grab() {
        var frame = decoder.next();
        if (frame == null && position < info.frames()) {
            throw UnreadableVideo.because(
                    file, "it ends after frame %d of %d".formatted(position, info.frames()));
        }
        if (frame != null && position == info.frames()) {
            throw UnreadableVideo.because(
                    file,
                    "it contains more frames than the %d of its index (ffmpeg -i IN -c copy OUT writes a new one)"
                            .formatted(info.frames()));
        }
        position += frame == null ? 0 : 1;
        return frame;
    }

    @Override
    public void close() {
        converter.close();
        decoder.close();
    }

    private static long size(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes == 0) {
                throw UnreadableVideo.because(file, "it is empty (0 bytes)");
            }
            return bytes;
        } catch (IOException e) {
            throw UnreadableVideo.because(file, "there is no such readable file", e);
        }
    }

    private static byte[] head(Path file) {
        if (Files.isDirectory(file)) {
            throw UnreadableVideo.because(file, "it is a folder");
        }
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(StillPicture.HEAD);
        } catch (IOException e) {
            throw UnreadableVideo.because(file, "it cannot be opened", e);
        }
    }

    private static StageException still(Path file, StillPicture picture) {
        return UnreadableVideo.because(
                file, "it is an image (%s), not a video".formatted(picture.label()));
    }
}
