package dev.reelrank.bench.geometry;

import dev.reelrank.geometry.epipolar.EpipolarSampson;
import dev.reelrank.geometry.scene.Mvcs;
import org.jspecify.annotations.Nullable;

/**
 * The scores of one clip of a room.
 *
 * @param scene index in the split
 * @param move of the camera, lower case
 * @param made {@code clean}, the name of a fault, {@code crf28} or {@code brightness} for what is
 *     no fault, or a fault and a change with a plus between
 * @param epipolar {@code epipolar_sampson}; null if there is none
 * @param anchored {@code epipolar_anchored}; null if there is none
 * @param vggt {@code geometry_vggt} or {@code geometry_vggt_mse}; null if there is none
 * @param mvcs higher is better; null if there is none
 * @param motion {@code motion_norm}; null if there is none
 * @param seconds that {@code vggt} took
 */
public record RoomCase(
        int scene,
        String move,
        String made,
        @Nullable Double epipolar,
        @Nullable Double anchored,
        @Nullable Double vggt,
        @Nullable Double mvcs,
        @Nullable Double motion,
        double seconds) {
    /** Of a clip without any change. */
    static final String CLEAN = "clean";

    /** Of a clip with a fault and a harmless change. */
    static String changed(String fault, String change) {
        return fault + "+" + change;
    }

    /** What each score says, by its name; lower is better. */
    @Nullable Double score(String name) {
        return switch (name) {
            case EpipolarSampson.NAME -> epipolar;
            case EpipolarSampson.ANCHORED -> anchored;
            case Mvcs.NAME -> mvcs == null ? null : -mvcs;
            default -> vggt;
        };
    }
}
