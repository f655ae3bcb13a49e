package dev.reelrank.video;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Copies the frames of a video into another mp4 as they are, under another name of their codec.
 *
 * <p>FFmpeg calls H.265 {@code hev1} in an mp4, and players of Apple show only {@code hvc1}. The
 * name cannot be given to JavaCV's recorder, and it decides how the container stores the
 * parameters, so the container is written anew.
 */
final class Mp4Copy {
    private Mp4Copy() {}

    /**
     * Copies a file of one video stream, index at the front.
     *
     * @param name four letters, for example hvc1
     * @throws IOException with FFmpeg's own words
     */
    static void write(Path from, Path to, String name) throws IOException {
        var in = new AVFormatContext(null);
        check(
                avformat.avformat_open_input(
                        in, "file:" + from, (AVInputFormat) null, (AVDictionary) null),
                "open");
        var out = new AVFormatContext(null);
        try {
            check(
                    avformat.avformat_find_stream_info(in, (PointerPointer<?>) null),
                    "read the streams of");
            var url = "file:" + to;
            check(
                    avformat.avformat_alloc_output_context2(out, (AVOutputFormat) null, "mp4", url),
                    "begin");
            copy(in, out, url, name);
        } finally {
            avformat.avformat_free_context(out);
            avformat.avformat_close_input(in);
        }
    }

    private static void copy(AVFormatContext in, AVFormatContext out, String url, String name)
            throws IOException {
        AVStream source = in.streams(0);
        AVStream target = avformat.avformat_new_stream(out, null);
        check(avcodec.avcodec_parameters_copy(target.codecpar(), source.codecpar()), "begin");
        target.codecpar().codec_tag(tag(name));
        target.time_base(source.time_base());
        target.avg_frame_rate(source.avg_frame_rate());
        out.flags(out.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);

        var file = new AVIOContext(null);
        check(avformat.avio_open(file, url, avformat.AVIO_FLAG_WRITE), "open");
        out.pb(file);
        var options = new AVDictionary(null);
        AVPacket packet = avcodec.av_packet_alloc();
        try {
            avutil.av_dict_set(options, "movflags", "+faststart", 0);
            check(avformat.avformat_write_header(out, options), "begin");
            int read;
            while ((read = avformat.av_read_frame(in, packet)) >= 0) {
                avcodec.av_packet_rescale_ts(packet, source.time_base(), target.time_base());
                packet.pos(-1);
                check(avformat.av_interleaved_write_frame(out, packet), "write");
            }
            if (read != avutil.AVERROR_EOF()) {
                check(read, "read");
            }
            check(avformat.av_write_trailer(out), "end");
        } finally {
            avcodec.av_packet_free(packet);
            avutil.av_dict_free(options);
            avformat.avio_closep(file);
        }
    }

    /** As the container stores it: the first letter is the lowest byte. */
    private static int tag(String name) {
        byte[] letters = name.getBytes(StandardCharsets.US_ASCII);
        return letters[0] | letters[1] << 8 | letters[2] << 16 | letters[3] << 24;
    }

    private static void check(int code, String doing) throws IOException {
        if (code < 0) {
            // The writer looks for FFmpeg's number in the text.
            throw new IOException(
                    "cannot %s the mp4: %s (error %d)"
                            .formatted(doing, FfmpegError.text(code), code));
        }
    }
}
