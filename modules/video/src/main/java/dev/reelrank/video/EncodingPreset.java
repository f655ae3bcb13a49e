package dev.reelrank.video;

import java.util.Locale;

/** How much time the encoder spends for the same quality: slower means smaller files. */
public enum EncodingPreset {
    ULTRAFAST,
    SUPERFAST,
    VERYFAST,
    FASTER,
    FAST,
    MEDIUM,
    SLOW,
    SLOWER,
    VERYSLOW;

    String option() {
        return name().toLowerCase(Locale.ROOT);
    }
}
