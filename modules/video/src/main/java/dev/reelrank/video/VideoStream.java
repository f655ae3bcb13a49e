package dev.reelrank.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * The video stream of a container: its packets in order, and what the container says about it.
 *
 * <p>Only formats that hold videos are opened, and no format that names other files (playlists,
 * numbered pictures) is: a file can make this process read nothing but itself.
 */
final class VideoStream implements AutoCloseable {
    /** FFmpeg's names of the demuxers. A GIF holds moving pictures too. */
    private static final String FORMATS =
            "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,nut,ivf,obu,h264,"
                    + "hevc,m4v,mpegvideo,yuv4mpegpipe,gif";

    /** AVINDEX_DISCARD_FRAME: an edit list leaves this frame out. */
    private static final int LEFT_OUT = 2;

    private final Path file;
    private final AVFormatContext container;
    private final AVStream stream;
    private final AVPacket packet = avcodec.av_packet_alloc();

    private VideoStream(Path file, AVFormatContext container, AVStream stream) {
        this.file = file;
        this.container = container;
        this.stream = stream;
    }

    /**
     * Opens a file and finds its best video stream.
     *
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO
     */
    static VideoStream open(Path file) {
        FfmpegLog.quiet();
        var container = new AVFormatContext(null);
        var options = new AVDictionary(null);
        try {
            avutil.av_dict_set(options, "format_whitelist", FORMATS, 0);
            avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
            var url = "file:" + file.toAbsolutePath();
            // On failure FFmpeg frees the container itself.
            int opened = avformat.avformat_open_input(container, url, null, options);
            if (opened < 0) {
                throw UnreadableVideo.because(
                        file,
                        "its header is not that of a video (" + FfmpegError.text(opened) + ")");
            }
        } finally {
            avutil.av_dict_free(options);
        }
        try {
            requireWhole(file, container);
            return new VideoStream(file, container, best(file, container));
        } catch (RuntimeException e) {
            avformat.avformat_close_input(container);
            throw e;
        }
    }

    private static void requireWhole(Path file, AVFormatContext container) {
        if (!container.iformat().name().getString().startsWith("matroska")) {
            return;
        }
        try {
            long bytes = Files.size(file);
            long said = MatroskaLength.of(file).orElse(bytes);
            if (said > bytes) {
                throw UnreadableVideo.because(
                        file, "it is truncated: %d of %d bytes".formatted(bytes, said));
            }
        } catch (IOException e) {
            throw UnreadableVideo.because(file, "it cannot be opened", e);
        }
    }

    private static AVStream best(Path file, AVFormatContext container) {
        int found = avformat.avformat_find_stream_info(container, (PointerPointer<?>) null);
        if (found < 0) {
            throw UnreadableVideo.because(
                    file, "its streams cannot be read (" + FfmpegError.text(found) + ")");
        }
        int best =
                avformat.av_find_best_stream(
                        container, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
        if (best < 0
                || (container.streams(best).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC)
                        != 0) {
            throw UnreadableVideo.because(file, "it has no video stream");
        }
        for (int i = 0; i < container.nb_streams(); i++) {
            if (i != best) {
                container.streams(i).discard(avcodec.AVDISCARD_ALL);
            }
        }
        return container.streams(best);
    }

    AVCodecParameters parameters() {
        return stream.codecpar();
    }

    /** Frames per second; 1 where the container does not say. */
    double framesPerSecond() {
        for (var rate : new AVRational[] {stream.avg_frame_rate(), stream.r_frame_rate()}) {
            if (rate.num() > 0 && rate.den() > 0) {
                return (double) rate.num() / rate.den();
            }
        }
        return 1;
    }

    /**
     * How many frames are shown: those of the container's index that no edit list leaves out; empty
     * where the container has no whole index.
     */
    OptionalInt indexed() {
        if (stream.nb_frames() <= 0) {
            return OptionalInt.empty();
        }
        int entries = avformat.avformat_index_get_entries_count(stream);
        if (entries < 1) {
            return OptionalInt.empty();
        }
        int shown = 0;
        for (int i = 0; i < entries; i++) {
            if ((avformat.avformat_index_get_entry(stream, i).flags() & LEFT_OUT) == 0) {
                shown++;
            }
        }
        return OptionalInt.of(shown);
    }

    /** How the container says the frames have to be turned. */
    Orientation orientation() {
        var parameters = stream.codecpar();
        var found =
                avcodec.av_packet_side_data_get(
                        parameters.coded_side_data(),
                        parameters.nb_coded_side_data(),
                        avcodec.AV_PKT_DATA_DISPLAYMATRIX);
        if (found == null || found.isNull()) {
            return Orientation.UPRIGHT;
        }
        ByteBuffer bytes = found.data().capacity(found.size()).asByteBuffer();
        var matrix = new int[9];
        bytes.order(ByteOrder.nativeOrder()).asIntBuffer().get(matrix);
        return Orientation.ofDisplayMatrix(matrix)
                .orElseThrow(
                        () ->
                                UnreadableVideo.because(
                                        file,
                                        "its frames are to be shown turned by %.0f degrees, which only re-encoding can do (ffmpeg -i IN OUT)"
                                                .formatted(
                                                        avutil.av_display_rotation_get(matrix))));
    }

    /**
     * The next packet of the stream, valid until the next call; null at the end.
     *
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO for a part that is damaged
     */
    @Nullable AVPacket next() {
        while (true) {
            avcodec.av_packet_unref(packet);
            int read = avformat.av_read_frame(container, packet);
            if (read == avutil.AVERROR_EOF()) {
                return null;
            }
            if (read < 0) {
                throw UnreadableVideo.because(
                        file, "its container is damaged (" + FfmpegError.text(read) + ")");
            }
            if (packet.stream_index() != stream.index()) {
                continue;
            }
            if ((packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0) {
                throw UnreadableVideo.because(file, "a part of it is truncated or damaged");
            }
            return packet;
        }
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        avformat.avformat_close_input(container);
    }
}
