package dev.reelrank.testbed.room;

import java.util.List;

/** What a clip of a room is written as, one part of a file per clip. */
interface RoomFiles {
    /** Ends of the files' names; the last file to appear says that all are complete. */
    List<String> names();

    /** The parts of the clip of a seed, in the order of the names. */
    byte[][] make(long seed);
}
