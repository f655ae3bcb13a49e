package dev.reelrank.perception;

/**
 * A picture as a model's input; made by {@code prepare} on any thread, so that resizing goes on
 * while the model computes.
 *
 * @param width of the picture before resizing, pixels
 * @param height of the picture before resizing, pixels
 * @param values shape (3, model height, model width), normalised
 */
public record PixelValues(int width, int height, float[] values) {}
