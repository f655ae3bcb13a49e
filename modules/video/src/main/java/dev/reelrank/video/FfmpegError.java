package dev.reelrank.video;

import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.global.avutil;

/** What FFmpeg's negative numbers mean. */
final class FfmpegError {
    private static final int LONGEST = 128;

    private FfmpegError() {}

    /** FFmpeg's own words, for example "Invalid data found when processing input". */
    static String text(int code) {
        var text = new byte[LONGEST];
        avutil.av_strerror(code, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }
}
