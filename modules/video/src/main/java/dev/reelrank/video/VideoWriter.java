package dev.reelrank.video;

import static java.util.Objects.requireNonNull;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;

/**
 * Writes frames to an mp4, one at a time: yuv420p, index at the front, nothing in the file that
 * depends on the time, the machine or the number of its cores.
 *
 * <p>The file appears under its name only when {@link #finish} has checked it; until then it lies
 * beside it under a hidden temporary name, which {@link #close} removes.
 *
 * <pre>{@code
 * try (var writer = VideoWriter.open(file, 1280, 720, VideoSettings.h264(16))) {
 *     frames.forEach(writer::write);
 *     VideoInfo info = writer.finish();
 * }
 * }</pre>
 *
 * <p>Not thread-safe. Holds one frame of native memory beside the encoder's own.
 */
public final class VideoWriter implements AutoCloseable {
    // The bytes x264 makes depend on its number of threads, so the number is part of the format.
    private static final String ENCODER_THREADS = "4";

    /**
     * With AVX-512 the macroblock tree of x264 reads memory that nobody wrote, and equal frames get
     * different bytes now and then. Without it the bytes are those of all other processors.
     */
    private static final String UP_TO_AVX2 = "asm=AVX2,BMI2";

    /**
     * The encoder of 8.0.1 corrupts the memory of the process when its coding units of 64 columns
     * leave one in a row: always below 64 columns, now and then at 64 itself.
     */
    private static final int NARROWEST_H265 = 66;

    private final Path file;
    private final Path temporary;
    private final int width;
    private final int height;
    private final VideoSettings settings;
    private final FFmpegFrameRecorder recorder;
    private final Frame frame;
    private int written;
    private boolean open = true;

    private VideoWriter(Path file, Path temporary, int width, int height, VideoSettings settings) {
        this.file = file;
        this.temporary = temporary;
        this.width = width;
        this.height = height;
        this.settings = settings;
        this.recorder = new FFmpegFrameRecorder(temporary.toFile(), width, height, 0);
        this.frame = new Frame(width, height, Frame.DEPTH_UBYTE, 3);
    }

    /**
     * Starts a video.
     *
     * @param file where it goes; missing folders are made, an existing file is replaced at the end
     * @param width pixels, even
     * @param height pixels, even
     * @throws StageException INVALID_CONFIG for a size that yuv420p cannot hold or an encoder this
     *     FFmpeg lacks, OUT_OF_DISK, INTERNAL_ERROR
     */
    public static VideoWriter open(Path file, int width, int height, VideoSettings settings) {
        requireNonNull(settings, "settings is null");
        if (width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot write %s as %dx%d: yuv420p needs an even width and height"
                            .formatted(file, width, height));
        }
        if (settings.codec() == VideoCodec.H265 && width < NARROWEST_H265) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot write %s as %dx%d in H.265, which needs a width of at least %d here; use H.264"
                            .formatted(file, width, height, NARROWEST_H265));
        }
        FfmpegLog.quiet();
        requireEncoder(settings.codec());
        var target = file.toAbsolutePath();
        var temporary = WholeFile.beside(target);
        VideoWriter writer = null;
        try {
            Files.createDirectories(requireNonNull(target.getParent(), "file has no folder"));
            writer = new VideoWriter(target, temporary, width, height, settings);
            writer.start();
            return writer;
        } catch (IOException e) {
            if (writer != null) {
                writer.close();
            }
            throw failed(file, "could not be started", e);
        }
    }

    /** Writes all frames of a video at once. */
    public static VideoInfo write(Path file, Iterable<RgbImage> frames, VideoSettings settings) {
        var iterator = frames.iterator();
        if (!iterator.hasNext()) {
            throw new IllegalArgumentException("no frames for " + file);
        }
        var first = iterator.next();
        try (var writer = open(file, first.width(), first.height(), settings)) {
            writer.write(first);
            iterator.forEachRemaining(writer::write);
            return writer.finish();
        }
    }

    /**
     * FFmpeg falls back to any other encoder of the same codec without a word, and those ignore the
     * CRF: an encoder that is not there has to stop the writer.
     */
    private static void requireEncoder(VideoCodec codec) {
        var found = avcodec.avcodec_find_encoder_by_name(codec.encoder());
        if (found == null || found.isNull()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    ("this FFmpeg has no encoder %s; put the ffmpeg natives with the classifier"
                                    + " ending in -gpl on the class path")
                            .formatted(codec.encoder()));
        }
    }

    private void start() throws FFmpegFrameRecorder.Exception {
        recorder.setFormat("mp4");
        recorder.setFrameRate(settings.fps());
        recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
        recorder.setVideoCodec(settings.codec().id());
        recorder.setVideoCodecName(settings.codec().encoder());
        recorder.setVideoBitrate(0);
        recorder.setImageScalingFlags(
                swscale.SWS_BICUBIC
                        | swscale.SWS_ACCURATE_RND
                        | swscale.SWS_BITEXACT
                        | swscale.SWS_FULL_CHR_H_INT);
        recorder.setOption("movflags", "+faststart");
        recorder.setOption("fflags", "+bitexact");
        recorder.setVideoOption("flags", "+bitexact");
        recorder.setVideoOption("preset", settings.preset().option());
        recorder.setVideoOption("crf", Integer.toString(settings.crf()));
        recorder.setVideoOption("threads", ENCODER_THREADS);
        // What swscale makes of RGB, said in the stream so that players do not guess by height.
        recorder.setVideoOption("colorspace", "smpte170m");
        recorder.setVideoOption("color_primaries", "bt709");
        recorder.setVideoOption("color_trc", "bt709");
        recorder.setVideoOption("color_range", "tv");
        if (settings.codec() == VideoCodec.H265) {
            recorder.setVideoOption("x265-params", "log-level=none:frame-threads=1:info=0");
        } else if ((avutil.av_get_cpu_flags() & avutil.AV_CPU_FLAG_AVX512) != 0) {
            recorder.setVideoOption("x264-params", UP_TO_AVX2);
        }
        recorder.start();
    }

    /** Appends a frame of the video's size. */
    public void write(RgbImage image) {
        if (!open) {
            throw new IllegalStateException("the writer of " + file + " is closed");
        }
        if (image.width() != width || image.height() != height) {
            throw new IllegalArgumentException(
                    "frame %d of %s is %dx%d, the video is %dx%d"
                            .formatted(
                                    written, file, image.width(), image.height(), width, height));
        }
        var pixels = (ByteBuffer) frame.image[0];
        int row = width * 3;
        for (int y = 0; y < height; y++) {
            pixels.put(y * frame.imageStride, image.rgb(), y * row, row);
        }
        try {
            recorder.record(frame, avutil.AV_PIX_FMT_RGB24);
        } catch (FFmpegFrameRecorder.Exception e) {
            throw failed(file, "could not take frame " + written, e);
        }
        written++;
    }

    /**
     * Ends the video, reads its header back, and gives it its name.
     *
     * @return what the file really holds
     * @throws StageException when the file does not hold what was written
     */
    public VideoInfo finish() {
        if (written == 0) {
            throw new IllegalStateException("no frame was written to " + file);
        }
        try {
            release();
            retag();
            var info = check();
            WholeFile.move(temporary, file);
            return info;
        } catch (IOException e) {
            throw failed(file, "could not be completed", e);
        }
    }

    /** Gives the stream the name that every player of its codec knows. */
    private void retag() throws IOException {
        String name = settings.codec().sampleEntry();
        if (name == null) {
            return;
        }
        Path copy = temporary.resolveSibling(temporary.getFileName() + ".mp4");
        try {
            Mp4Copy.write(temporary, copy, name);
            WholeFile.move(copy, temporary);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private VideoInfo check() {
        VideoInfo found;
        try (var reader = VideoReader.open(temporary)) {
            found = reader.info();
        }
        if (!found.codec().equals(settings.codec().stream())
                || found.width() != width
                || found.height() != height
                || found.frames() != written) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR,
                    "%s should hold %d frames of %s in %dx%d, but holds %d of %s in %dx%d"
                            .formatted(
                                    file,
                                    written,
                                    settings.codec().stream(),
                                    width,
                                    height,
                                    found.frames(),
                                    found.codec(),
                                    found.width(),
                                    found.height()));
        }
        return new VideoInfo(
                file,
                found.codec(),
                found.pixelFormat(),
                width,
                height,
                written,
                found.fps(),
                found.bytes());
    }

    private void release() throws FFmpegFrameRecorder.Exception {
        if (open) {
            open = false;
            try {
                recorder.stop();
            } finally {
                recorder.release();
                frame.close();
            }
        }
    }

    /** Frees everything native and removes what {@link #finish} did not complete. */
    @Override
    public void close() {
        try {
            release();
        } catch (FFmpegFrameRecorder.Exception e) {
            // The video is abandoned; its temporary file is removed in any state.
            open = false;
        }
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw failed(temporary, "could not be removed", e);
        }
    }

    private static StageException failed(Path file, String what, IOException cause) {
        var message = String.valueOf(cause.getMessage());
        boolean full = message.contains("error -28") || message.contains("No space left");
        return full
                ? new StageException(
                        FailureCode.OUT_OF_DISK,
                        file + " " + what + ": no space left in its folder; free some and retry",
                        cause)
                : new StageException(
                        FailureCode.INTERNAL_ERROR,
                        "video %s %s: %s; is its folder writable?".formatted(file, what, message),
                        cause);
    }
}
