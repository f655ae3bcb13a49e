package dev.reelrank.diffusion;

import dev.reelrank.diffusion.SizeRule.Size;
import org.jspecify.annotations.Nullable;

/**
 * Which sizes a model can make.
 *
 * @param multiple pixels that both sides must be divisible by
 * @param most largest width and largest height; null for no limit
 * @param only the one size that there is; null for any
 */
public record SizeLimits(int multiple, @Nullable Size most, @Nullable Size only) {
    /** Any size whose sides are divisible by this. */
    public static SizeLimits multiplesOf(int multiple) {
        return new SizeLimits(multiple, null, null);
    }

    public boolean allows(int width, int height) {
        return only == null
                ? width % multiple == 0
                        && height % multiple == 0
                        && (most == null || (width <= most.width() && height <= most.height()))
                : width == only.width() && height == only.height();
    }

    /** In words, for example {@code a multiple of 16 each, up to 2400x2400}. */
    @Override
    public String toString() {
        if (only != null) {
            return only.width() + "x" + only.height();
        }
        return "a multiple of %d each".formatted(multiple)
                + (most == null ? "" : ", up to %dx%d".formatted(most.width(), most.height()));
    }
}
