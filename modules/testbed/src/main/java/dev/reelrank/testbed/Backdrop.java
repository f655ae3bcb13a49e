package dev.reelrank.testbed;

import java.util.Objects;

/**
 * The textured background.
 *
 * @param colour its named colour
 * @param tint a small offset of the named colour
 * @param slopeX change of brightness from the left edge to the right one, as a share
 * @param slopeY change of brightness from the top to the bottom, as a share
 */
public record Backdrop(BackdropColour colour, Rgb tint, float slopeX, float slopeY) {
    public Backdrop {
        Objects.requireNonNull(colour, "colour is null");
        Objects.requireNonNull(tint, "tint is null");
    }
}
