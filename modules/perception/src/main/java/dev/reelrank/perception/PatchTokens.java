package dev.reelrank.perception;

/**
 * What DINOv3 says about one picture, after its last norm.
 *
 * @param gridHeight patches downwards
 * @param gridWidth patches across
 * @param width values per token
 * @param cls the token of the whole picture, {@code width} values
 * @param registers shape (registers, width)
 * @param patches shape (gridHeight, gridWidth, width), from the top left
 */
public record PatchTokens(
        int gridHeight,
        int gridWidth,
        int width,
        float[] cls,
        float[] registers,
        float[] patches) {}
