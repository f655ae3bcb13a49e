package dev.reelrank.video;

import org.bytedeco.ffmpeg.global.avutil;

/** FFmpeg writes to standard error by itself; what matters reaches callers as exceptions. */
final class FfmpegLog {
    private FfmpegLog() {}

    static void quiet() {
        avutil.av_log_set_level(avutil.AV_LOG_FATAL);
    }
}
