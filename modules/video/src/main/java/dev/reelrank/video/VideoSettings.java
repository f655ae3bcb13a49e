package dev.reelrank.video;

import java.util.Objects;

/**
 * How a video is encoded. Equal frames and equal settings give equal bytes on any machine.
 *
 * @param codec H.264 or H.265
 * @param crf constant rate factor, 0 (lossless) to 51; 18 is visually lossless for H.264
 * @param preset speed of the encoder
 * @param fps frames per second, above 0 and at most 240
 */
public record VideoSettings(VideoCodec codec, int crf, EncodingPreset preset, double fps) {
    public VideoSettings {
        Objects.requireNonNull(codec, "codec is null");
        Objects.requireNonNull(preset, "preset is null");
        if (crf < 0 || crf > 51) {
            throw new IllegalArgumentException("crf must lie in 0..51, was " + crf);
        }
        if (!(fps > 0 && fps <= 240)) {
            throw new IllegalArgumentException("fps must lie in (0, 240], was " + fps);
        }
    }

    /** H.264, CRF 18, preset medium: what candidates are stored as. */
    public static VideoSettings h264(double fps) {
        return new VideoSettings(VideoCodec.H264, 18, EncodingPreset.MEDIUM, fps);
    }

    /** H.265, CRF 28, preset medium: what exports are stored as. */
    public static VideoSettings h265(double fps) {
        return new VideoSettings(VideoCodec.H265, 28, EncodingPreset.MEDIUM, fps);
    }

    public VideoSettings withPreset(EncodingPreset other) {
        return new VideoSettings(codec, crf, other, fps);
    }

    public VideoSettings withCrf(int other) {
        return new VideoSettings(codec, other, preset, fps);
    }
}
