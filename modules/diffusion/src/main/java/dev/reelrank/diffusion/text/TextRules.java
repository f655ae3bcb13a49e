package dev.reelrank.diffusion.text;

/**
 * How a family's transformer gets its texts.
 *
 * @param rows that the transformer sees, whatever the prompt's length
 * @param cleaned whether prompts are cleaned first ({@link PromptCleaner})
 * @param padded whether the encoder sees the padding as tokens, and the transformer its rows;
 *     otherwise the padding is masked and its rows are zeros
 */
public record TextRules(int rows, boolean cleaned, boolean padded) {
    /** Of UMT5 in Wan: prompts are cleaned, padding is masked. */
    public static TextRules masked(int rows) {
        return new TextRules(rows, true, false);
    }
}
