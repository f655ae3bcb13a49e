package dev.reelrank.qwen;

import java.nio.file.Path;

/** How much memory a model needs, from its configuration alone. */
public final class QwenMemory {
    /** libtorch itself, its libraries' workspaces, and what an allocator leaves unused. */
    private static final long BASE = 600L << 20;

    private QwenMemory() {}

    /**
     * Bytes that a model needs on its device while it answers.
     *
     * @param folder of the model; only config.json and its companions are read
     * @param rows conversations at once
     * @param columns tokens of one, with its images and its answer
     */
    public static long bytes(Path folder, QwenPrecision precision, int rows, int columns) {
        var config = QwenConfig.read(folder);
        var text = config.text();
        long hidden = text.hidden();
        var attention = hidden * text.headDim() * 2 * (text.heads() + text.keyValueHeads());
        var head = (long) text.vocabulary() * hidden;
        var linear =
                text.layers() * (attention + 3 * hidden * text.intermediate())
                        + (text.tiedHead() ? 0 : head);
        var dense = head + vision(config.vision());
        var wide = precision == QwenPrecision.FP32 ? 4 : 2;
        // Half a byte per weight, and two numbers of two bytes for every group of 128.
        var weights =
                precision == QwenPrecision.INT4
                        ? linear * 17 / 32 + dense * wide
                        : (linear + dense) * wide;
        var cache = KeyValueCache.bytes(text, rows, columns, precision.activations());
        var together =
                Math.min((long) rows * columns, Math.max(columns, QwenEngine.TOKENS_TOGETHER));
        var passing = together * (3L * text.intermediate() + 12 * hidden) * 4;
        var patches = (long) rows * columns * config.vision().merge() * config.vision().merge();
        var pictures = patches * config.vision().patchValues() * 4;
        return BASE + weights + cache + passing + pictures;
    }

    /**
     * Bytes of the keys and values of a decoder.
     *
     * @param rows conversations at once
     * @param columns tokens of one
     */
    public static long cacheBytes(
            DecoderConfig decoder, QwenPrecision precision, int rows, int columns) {
        return KeyValueCache.bytes(decoder, rows, columns, precision.activations());
    }

    private static long vision(QwenConfig.Vision vision) {
        long hidden = vision.hidden();
        long merged = hidden * vision.merge() * vision.merge();
        var merger = merged * merged + merged * vision.out();
        return vision.depth() * (4 * hidden * hidden + 2 * hidden * vision.intermediate())
                + (1 + vision.deepstack().size()) * merger
                + hidden * (vision.patchValues() + vision.positions());
    }
}
