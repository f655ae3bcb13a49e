package dev.reelrank.bench;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/** Width and height of {@code --size}, pixels. */
public record PictureSize(int width, int height) {
    /**
     * Reads a size.
     *
     * @throws StageException INVALID_CONFIG unless the text is two numbers with an x between
     */
    public static PictureSize parse(String size) {
        var parts = size.split("x", -1);
        try {
            if (parts.length == 2) {
                return new PictureSize(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            }
        } catch (NumberFormatException e) {
            // Said below, as for any other wrong form.
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG, "--size '" + size + "' is not like 1280x720");
    }
}
