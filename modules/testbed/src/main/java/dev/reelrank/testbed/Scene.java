package dev.reelrank.testbed;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a clip shows, as data: the renderer needs nothing else, and equal scenes render
 * to equal bytes.
 *
 * @param seed decides the background's texture and the wording of prompts
 * @param size the picture's side in pixels, at least 16
 * @param subjects one or two; the first acts, the second stays where it is
 * @param relation where the first starts seen from the second; null when there is one subject
 * @param background the background
 * @param action what the first subject does
 * @param speed how far it goes
 * @param manner how it goes there
 * @param camera what the camera does
 */
public record Scene(
        long seed,
        int size,
        List<Subject> subjects,
        @Nullable Placement relation,
        Backdrop background,
        Action action,
        Speed speed,
        Manner manner,
        Camera camera) {
    public Scene {
        subjects = List.copyOf(subjects);
        if (subjects.isEmpty() || subjects.size() > 2) {
            throw new IllegalArgumentException(
                    "a scene has one or two subjects, not " + subjects.size());
        }
        if ((relation != null) != (subjects.size() == 2)) {
            throw new IllegalArgumentException(
                    "two subjects need a relation and one has none; subjects "
                            + subjects.size()
                            + ", relation "
                            + relation);
        }
        if (size < 16) {
            throw new IllegalArgumentException("a scene is at least 16 px wide, was " + size);
        }
        Objects.requireNonNull(background, "background is null");
        Objects.requireNonNull(action, "action is null");
        Objects.requireNonNull(speed, "speed is null");
        Objects.requireNonNull(manner, "manner is null");
        Objects.requireNonNull(camera, "camera is null");
    }

    /** The subject that acts. */
    public Subject first() {
        return subjects.get(0);
    }

    /** The subject that stays, or null. */
    public @Nullable Subject second() {
        return subjects.size() == 2 ? subjects.get(1) : null;
    }

    /** The same scene with another action of the same speed. */
    public Scene withAction(Action other) {
        return new Scene(seed, size, subjects, relation, background, other, speed, manner, camera);
    }

    /** Whether the first subject turns while it moves along a straight line. */
    public boolean rolls() {
        return manner == Manner.ROLL && action.straight();
    }

    /** The same scene with another first subject. */
    public Scene withFirst(Subject other) {
        List<Subject> all = subjects.size() == 2 ? List.of(other, subjects.get(1)) : List.of(other);
        return new Scene(seed, size, all, relation, background, action, speed, manner, camera);
    }
}
