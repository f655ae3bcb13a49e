package dev.reelrank.testbed.room;

/** What can be wrong with a clip of a room. Each grows or happens within the clip. */
public enum RoomFault {
    /** Walls, floor and ceiling bulge more and more. */
    BENDING_WALLS,
    /** A box keeps its place in front of the camera instead of its place in the room. */
    SLIDING_OBJECT,
    /** Textures flow over their surfaces in waves. */
    SWIMMING_TEXTURE,
    /** In the middle of the clip the camera is suddenly elsewhere; the room stays rigid. */
    CAMERA_JUMP,
    /** The first frame, again and again. */
    FROZEN
}
