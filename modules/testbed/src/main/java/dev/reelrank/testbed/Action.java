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

    /** Whether the subject turns. */
    public boolean rotates() {
        return this == ROTATE_CLOCKWISE || this == ROTATE_COUNTERCLOCKWISE;
    }
}
