package dev.reelrank.grading.spatial;

import java.util.List;

/**
 * The way of one thing through a video, against the background: a camera that moves is no movement
 * of the thing.
 *
 * @param poses one per frame, the first {@link Pose#START}
 * @param stir mean length of its points' ways, in sides of the picture: what is left of a movement
 *     that has no one way, such as waving
 * @param unrest how far the quarter of its points that is furthest away was from where it started,
 *     in sides of the picture: 0 for what does not move at all
 */
public record Trace(List<Pose> poses, double stir, double unrest) {
    /** What a thing without any movement leaves: a video of one frame has nothing else. */
    public static final Trace NONE = new Trace(List.of(Pose.START), 0, 0);

    public Trace {
        poses = List.copyOf(poses);
        if (poses.isEmpty()) {
            throw new IllegalArgumentException("a trace has at least the first pose");
        }
    }

    /** Where it ends. */
    public Pose last() {
        return poses.get(poses.size() - 1);
    }

    /** How high it rose above its first place, in heights of the picture, at least 0. */
    public double highest() {
        return poses.stream().mapToDouble(p -> -p.y()).max().orElse(0);
    }
}
