package dev.reelrank.qwen;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/**
 * How many patches a picture has.
 *
 * @param rows patches from top to bottom, a multiple of the merge size
 * @param columns patches from left to right, a multiple of the merge size
 */
record ImageGrid(int rows, int columns) {
    /**
     * A picture longer than this many times its short side is refused, as by the published code.
     */
    static final int LONGEST_ASPECT = 200;

    /**
     * The size a picture is resized to: sides are multiples of {@code patch * merge}, the area lies
     * within the limits, the aspect stays as near as these allow.
     *
     * @throws StageException UNREADABLE_IMAGE when the picture is a mere line
     */
    static ImageGrid fit(int width, int height, QwenConfig.Vision vision, long min, long max) {
        if (Math.max(width, height) > (long) LONGEST_ASPECT * Math.min(width, height)) {
            throw new StageException(
                    FailureCode.UNREADABLE_IMAGE,
                    "the image has %dx%d pixels; its long side may be at most %d times its short side"
                            .formatted(width, height, LONGEST_ASPECT));
        }
        var factor = vision.patch() * vision.merge();
        // Half to even, as the published preprocessing rounds.
        var rows = (long) Math.rint((double) height / factor) * factor;
        var columns = (long) Math.rint((double) width / factor) * factor;
        if (rows * columns > max) {
            var shrink = Math.sqrt((double) height * width / max);
            rows = Math.max(factor, (long) Math.floor(height / shrink / factor) * factor);
            columns = Math.max(factor, (long) Math.floor(width / shrink / factor) * factor);
        } else if (rows * columns < min) {
            var grow = Math.sqrt((double) min / ((double) height * width));
            rows = (long) Math.ceil(height * grow / factor) * factor;
            columns = (long) Math.ceil(width * grow / factor) * factor;
        }
        return new ImageGrid((int) rows / vision.patch(), (int) columns / vision.patch());
    }

    int patches() {
        return rows * columns;
    }

    /** Tokens that the decoder sees. */
    int tokens(int merge) {
        return rows / merge * (columns / merge);
    }
}
