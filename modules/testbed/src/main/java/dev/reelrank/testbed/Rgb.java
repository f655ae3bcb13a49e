package dev.reelrank.testbed;

/** A colour or an offset between colours, sRGB; 1 is full. */
public record Rgb(float r, float g, float b) {
    /** The sum, channel by channel, not clamped. */
    public Rgb plus(Rgb other) {
        return new Rgb(r + other.r, g + other.g, b + other.b);
    }
}
