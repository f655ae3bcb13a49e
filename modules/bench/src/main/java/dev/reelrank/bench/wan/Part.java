package dev.reelrank.bench.wan;

/** What can be measured; NONE names nothing, for {@code --load-dir} and {@code --out} alone. */
enum Part {
    STEP,
    ERROR,
    DECODE,
    PREVIEW,
    ENCODE,
    TEXT,
    NONE
}
