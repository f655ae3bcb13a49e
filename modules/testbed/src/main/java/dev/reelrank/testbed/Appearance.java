package dev.reelrank.testbed;

import org.jspecify.annotations.Nullable;

/**
 * What the acting subject looks like in one frame of a clip.
 *
 * @param frame which frame, from 0
 * @param kind the kind that covers what is shown best; null where nothing is shown
 * @param colour the colour whose mean is nearest; null where nothing is shown
 */
public record Appearance(int frame, @Nullable Kind kind, @Nullable Colour colour) {
    /** Whether it looks like that. */
    public boolean is(Kind kind, Colour colour) {
        return this.kind == kind && this.colour == colour;
    }
}
