package dev.reelrank.testbed;

/** What the camera does; a pan to the left lets everything drift to the right. */
public enum Camera {
    STILL,
    PAN_LEFT,
    PAN_RIGHT;

    /** How far the camera has moved to the right at time 0..1, in units of the picture's side. */
    public float offset(float time) {
        return switch (this) {
            case STILL -> 0;
            case PAN_LEFT -> -REACH * time;
            case PAN_RIGHT -> REACH * time;
        };
    }

    /** The whole way of a pan, in units of the picture's side: slow. */
    public static final float REACH = 12f / 128;
}
