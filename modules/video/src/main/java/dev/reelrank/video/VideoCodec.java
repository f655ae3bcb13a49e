package dev.reelrank.video;

import org.bytedeco.ffmpeg.global.avcodec;
import org.jspecify.annotations.Nullable;

/** The codecs a video is written in, each with the one encoder that honours CRF. */
public enum VideoCodec {
    H264("libx264", "h264", avcodec.AV_CODEC_ID_H264, null),
    H265("libx265", "hevc", avcodec.AV_CODEC_ID_HEVC, "hvc1");

    private final String encoder;
    private final String stream;
    private final int id;
    private final @Nullable String sampleEntry;

    VideoCodec(String encoder, String stream, int id, @Nullable String sampleEntry) {
        this.encoder = encoder;
        this.stream = stream;
        this.id = id;
        this.sampleEntry = sampleEntry;
    }

    /** The name FFmpeg knows the encoder by, for example {@code libx264}. */
    public String encoder() {
        return encoder;
    }

    /** The name FFmpeg gives a stream of this codec, {@code h264} or {@code hevc}. */
    public String stream() {
        return stream;
    }

    int id() {
        return id;
    }

    /** What an mp4 must call the stream, null if FFmpeg's own choice is right. */
    @Nullable String sampleEntry() {
        return sampleEntry;
    }
}
