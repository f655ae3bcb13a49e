package dev.reelrank.wan;

import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an expert computes from a prompt once and uses in every step: keys and values of each
 * block's cross-attention. They are made when a block is first computed, so that blocks that come
 * to the device one by one need not come once more for them.
 *
 * <p>All rows of padding are equal, so one stands for them: attention to it counts as often as
 * there are rows.
 */
public final class ExpertInput implements AutoCloseable {
    private final Tensor text;
    private final @Nullable KeyValue[] blocks;
    private final long padding;

    /**
     * What a block attends to of the prompt.
     *
     * @param key shape (1, heads, tokens, head dim), normalised
     * @param value shape (1, heads, tokens, head dim)
     */
    public record KeyValue(Tensor key, Tensor value) {}

    /**
     * @param text the embedded prompt, shape (text tokens, dim); freed with this
     * @param blocks how many there are
     * @param padding how many rows the last one stands for, 0 for none
     */
    ExpertInput(Tensor text, int blocks, long padding) {
        this.text = text;
        this.blocks = new KeyValue[blocks];
        this.padding = padding;
    }

    long padding() {
        return padding;
    }

    /**
     * Keys and values of a block.
     *
     * @param make makes them of the text, past every scope; called the first time
     */
    KeyValue of(int block, Function<Tensor, KeyValue> make) {
        KeyValue made = blocks[block];
        if (made == null) {
            made = make.apply(text);
            blocks[block] = made;
        }
        return made;
    }

    /** Shows keys and values, block by block, as far as they were made. */
    void watch(PartWatch watch) {
        for (int i = 0; i < blocks.length; i++) {
            KeyValue made = blocks[i];
            if (made != null) {
                watch.made("the prompt's keys in block " + i, made.key());
                watch.made("the prompt's values in block " + i, made.value());
            }
        }
    }

    @Override
    public void close() {
        for (KeyValue block : blocks) {
            if (block != null) {
                block.key().releaseReference();
                block.value().releaseReference();
            }
        }
        text.releaseReference();
    }
}
