package dev.reelrank.video;

import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN;

import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a stream as they are stored. A frame that FFmpeg could only guess at is a failure: its
 * concealment paints something plausible over what is damaged.
 */
final class FrameDecoder implements AutoCloseable {
    /** AV_FRAME_FLAG_CORRUPT. */
    private static final int CORRUPT = 1;

    private final Path file;
    private final VideoStream stream;
    private final AVCodecContext codec;
    private final AVFrame frame = avutil.av_frame_alloc();
    private int decoded;
    private boolean drained;

    private FrameDecoder(Path file, VideoStream stream, AVCodecContext codec) {
        this.file = file;
        this.stream = stream;
        this.codec = codec;
    }

    /** The decoder owns the stream from here on. */
    static FrameDecoder open(Path file) {
        var stream = VideoStream.open(file);
        try {
            return new FrameDecoder(file, stream, codec(file, stream));
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    private static AVCodecContext codec(Path file, VideoStream stream) {
        var decoder = avcodec.avcodec_find_decoder(stream.parameters().codec_id());
        if (decoder == null || decoder.isNull()) {
            throw UnreadableVideo.because(
                    file,
                    "there is no decoder for its codec "
                            + avcodec.avcodec_get_name(stream.parameters().codec_id()).getString());
        }
        var codec = avcodec.avcodec_alloc_context3(decoder);
        avcodec.avcodec_parameters_to_context(codec, stream.parameters());
        codec.thread_count(0);
        codec.err_recognition(avcodec.AV_EF_CRCCHECK | avcodec.AV_EF_EXPLODE);
        int opened = avcodec.avcodec_open2(codec, decoder, (PointerPointer<?>) null);
        if (opened < 0) {
            avcodec.avcodec_free_context(codec);
            throw UnreadableVideo.because(
                    file, "its codec cannot be opened (" + FfmpegError.text(opened) + ")");
        }
        return codec;
    }

    VideoStream stream() {
        return stream;
    }

    /** For example {@code h264}. */
    String codecName() {
        return avcodec.avcodec_get_name(codec.codec_id()).getString();
    }

    /**
     * The next frame, valid until the next call; null after the last.
     *
     * @throws StageException UNREADABLE_VIDEO
     */
    @Nullable AVFrame next() {
        while (true) {
            int received = avcodec.avcodec_receive_frame(codec, frame);
            if (received == AVERROR_EAGAIN()) {
                feed();
            } else if (received == avutil.AVERROR_EOF()) {
                return null;
            } else if (received < 0) {
                throw damaged(FfmpegError.text(received));
            } else if ((frame.flags() & CORRUPT) != 0 || frame.decode_error_flags() != 0) {
                throw damaged("a part of it is damaged or missing");
            } else {
                decoded++;
                return frame;
            }
        }
    }

    private void feed() {
        if (drained) {
            throw damaged("the decoder gives nothing more");
        }
        var packet = stream.next();
        drained = packet == null;
        int sent = avcodec.avcodec_send_packet(codec, packet);
        if (sent < 0) {
            throw damaged(FfmpegError.text(sent));
        }
    }

    private StageException damaged(String why) {
        return UnreadableVideo.because(
                file, "frame %d does not decode (%s)".formatted(decoded, why));
    }

    @Override
    public void close() {
        avutil.av_frame_free(frame);
        avcodec.avcodec_free_context(codec);
        stream.close();
    }
}
