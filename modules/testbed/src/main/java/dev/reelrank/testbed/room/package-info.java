/**
 * The rendered room world: rooms of textured planes and boxes, a pinhole camera that moves through
 * them, and for every pixel the exact depth. {@link dev.reelrank.testbed.room.RoomFault} names what
 * can be wrong with a clip. The axes are OpenCV's: x to the right, y down, z forward; lengths are
 * metres.
 */
@NullMarked
package dev.reelrank.testbed.room;

import org.jspecify.annotations.NullMarked;
