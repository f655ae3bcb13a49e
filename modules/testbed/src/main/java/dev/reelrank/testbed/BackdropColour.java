package dev.reelrank.testbed;

import java.util.Locale;

/** The named colours of backgrounds, sRGB in 0..1; none is a subject's colour. */
public enum BackdropColour {
    GRAY(.45f, .45f, .46f),
    BROWN(.40f, .27f, .17f),
    TEAL(.08f, .40f, .42f),
    NAVY(.08f, .12f, .32f),
    BEIGE(.76f, .70f, .56f),
    BLACK(.07f, .07f, .08f),
    OLIVE(.36f, .38f, .14f),
    MAROON(.34f, .07f, .13f);

    private final Rgb rgb;

    BackdropColour(float r, float g, float b) {
        this.rgb = new Rgb(r, g, b);
    }

    /** The colour before texture and tint. */
    public Rgb rgb() {
        return rgb;
    }

    /** Its name in a sentence. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether a subject of that colour, or the dark part of its pattern, is too much like this
     * background for its outline to be seen.
     */
    boolean hides(Colour colour, Pattern pattern) {
        boolean dark = pattern != Pattern.PLAIN;
        return switch (this) {
            case BEIGE -> colour == Colour.PINK || (dark && colour == Colour.WHITE);
            case GRAY -> dark && colour == Colour.WHITE;
            case MAROON -> dark && colour == Colour.RED;
            case OLIVE -> dark && colour == Colour.YELLOW;
            default -> false;
        };
    }
}
