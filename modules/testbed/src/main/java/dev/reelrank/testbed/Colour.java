package dev.reelrank.testbed;

import java.util.Locale;

/** The named colours of subjects, sRGB in 0..1. */
public enum Colour {
    RED(.86f, .13f, .13f),
    GREEN(.18f, .74f, .25f),
    BLUE(.16f, .36f, .93f),
    YELLOW(.96f, .86f, .14f),
    ORANGE(.97f, .52f, .08f),
    PURPLE(.58f, .20f, .78f),
    PINK(.98f, .50f, .74f),
    WHITE(.95f, .95f, .95f);

    private final Rgb rgb;

    Colour(float r, float g, float b) {
        this.rgb = new Rgb(r, g, b);
    }

    /** The colour before light, pattern and tint. */
    public Rgb rgb() {
        return rgb;
    }

    /** Its name in a sentence. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
