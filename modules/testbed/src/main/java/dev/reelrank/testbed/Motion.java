package dev.reelrank.testbed;

/** How the subjects of a scene move. All motion is even in time; a bounce is |sin|. */
public final class Motion {
    private final Scene scene;
    private final float unit;

    public Motion(Scene scene) {
        this.scene = scene;
        this.unit = scene.size() / 128f;
    }

    /**
     * The pose of a subject.
     *
     * @param subject 0 or 1
     * @param time 0 at the first frame, 1 at the last
     */
    public SubjectPose at(int subject, float time) {
        Subject s = scene.subjects().get(subject);
        float pan = scene.camera().offset(time) * scene.size();
        if (subject > 0) {
            return new SubjectPose(s.x() - pan, s.y(), s.radius(), s.angle());
        }
        float way = distance(scene.speed()) * unit * time;
        float turn = turn(scene.speed()) * time;
        float roll = scene.rolls() ? way / s.radius() : 0;
        float x = s.x() - pan;
        return switch (scene.action()) {
            case LEFT -> new SubjectPose(x - way, s.y(), s.radius(), s.angle() - roll);
            case RIGHT -> new SubjectPose(x + way, s.y(), s.radius(), s.angle() + roll);
            case UP -> new SubjectPose(x, s.y() - way, s.radius(), s.angle() - roll);
            case DOWN -> new SubjectPose(x, s.y() + way, s.radius(), s.angle() + roll);
            case ROTATE_CLOCKWISE -> new SubjectPose(x, s.y(), s.radius(), s.angle() + turn);
            case ROTATE_COUNTERCLOCKWISE -> new SubjectPose(x, s.y(), s.radius(), s.angle() - turn);
            case GROW -> new SubjectPose(x, s.y(), s.radius() * (1 + growth() * time), s.angle());
            case SHRINK ->
                    new SubjectPose(x, s.y(), s.radius() * (1 - shrinkage() * time), s.angle());
            case BOUNCE -> {
                double phase = Math.PI * bounces(scene.speed()) * time;
                float rise = (float) Math.abs(StrictMath.sin(phase));
                yield new SubjectPose(x, s.y() - height() * rise, s.radius(), s.angle());
            }
        };
    }

    /** The way of a move over the whole clip, pixels of a 128 px picture. */
    static float distance(Speed speed) {
        return speed == Speed.SLOW ? 22 : 54;
    }

    /** The turn of a rotation over the whole clip, radians. */
    static float turn(Speed speed) {
        return speed == Speed.SLOW ? .8f : 1.8f;
    }

    static int bounces(Speed speed) {
        return speed == Speed.SLOW ? 1 : 2;
    }

    private float growth() {
        return scene.speed() == Speed.SLOW ? .4f : .85f;
    }

    private float shrinkage() {
        return scene.speed() == Speed.SLOW ? .27f : .5f;
    }

    private float height() {
        return 30 * unit;
    }
}
