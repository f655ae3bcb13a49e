package dev.reelrank.testbed;

/** What the first subject does over the clip. */
public enum Action {
    LEFT,
    RIGHT,
    UP,
    DOWN,
    ROTATE_CLOCKWISE,
    ROTATE_COUNTERCLOCKWISE,
    GROW,
    SHRINK,
    BOUNCE;

    /** The action that looks most like its reverse; a bounce becomes a fall. */
    public Action opposite() {
        return switch (this) {
            case LEFT -> RIGHT;
            case RIGHT -> LEFT;
            case UP, BOUNCE -> DOWN;
            case DOWN -> UP;
            case ROTATE_CLOCKWISE -> ROTATE_COUNTERCLOCKWISE;
            case ROTATE_COUNTERCLOCKWISE -> ROTATE_CLOCKWISE;
            case GROW -> SHRINK;
            case SHRINK -> GROW;
        };
    }

    /** Whether the subject goes along a straight line. */
    public boolean straight() {
        return this == LEFT || this == RIGHT || this == UP || this == DOWN;
    }

    /** Whether the subject turns in its place. */
    public boolean rotates() {
        return this == ROTATE_CLOCKWISE || this == ROTATE_COUNTERCLOCKWISE;
    }
}
