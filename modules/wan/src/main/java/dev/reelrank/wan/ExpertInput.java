package dev.reelrank.wan;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What an expert computes from a prompt once and uses in every step: keys and values of each
 * block's cross-attention.
 *
 * <p>All rows of padding are equal, so one stands for them: attention to it counts as often as
 * there are rows.
 *
 * @param blocks one entry a block
 * @param padding how many rows the last one stands for, 0 for none
 */
public record ExpertInput(List<KeyValue> blocks, long padding) implements AutoCloseable {
    /**
     * What a block attends to of the prompt.
     *
     * @param key shape (1, heads, tokens, head dim), normalised
     * @param value shape (1, heads, tokens, head dim)
     */
    public record KeyValue(Tensor key, Tensor value) {}

    /** Shows keys and values, block by block. */
    void watch(PartWatch watch) {
        for (int i = 0; i < blocks.size(); i++) {
            watch.made("the prompt's keys in block " + i, blocks.get(i).key());
            watch.made("the prompt's values in block " + i, blocks.get(i).value());
        }
    }

    @Override
    public void close() {
        for (var block : blocks) {
            block.key().releaseReference();
            block.value().releaseReference();
        }
    }
}
