package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Scenes to frames by signed distances: no graphics library, so equal scenes give equal bytes
 * everywhere. About 10 ms for 17 frames of 128 px on one core.
 */
public final class Renderer {
    /** The clip length of the world's checkpoints. */
    public static final int FRAMES = 17;

    private static final float SHADOW_X = 3;
    private static final float SHADOW_Y = 4;
    private static final float SHADOW = .36f;

    private Renderer() {}

    /** Renders the whole clip; frame i stands at time i ÷ (frames − 1). */
    public static Clip render(Scene scene, int frames) {
        return render(scene, frames, 0);
    }

    /** The clip without its subjects and their shadows. */
    public static Clip background(Scene scene, int frames) {
        return render(scene, frames, scene.subjects().size());
    }

    /** The clip without its first subject and that one's shadow. */
    public static Clip withoutFirst(Scene scene, int frames) {
        return render(scene, frames, 1);
    }

    /** The first frame alone: the reference image of the scene. */
    public static RgbImage still(Scene scene) {
        return render(scene, 1).frames().get(0);
    }

    /**
     * One subject with its shadow laid over a picture, at the subject's own place; the mask has 1
     * where it is.
     */
    static Clip over(RgbImage picture, Subject subject) {
        int size = picture.width();
        float[] canvas = new float[picture.rgb().length];
        for (int i = 0; i < canvas.length; i++) {
            canvas[i] = (picture.rgb()[i] & 0xff) / 255f;
        }
        byte[] mask = new byte[size * size];
        SubjectPose pose =
                new SubjectPose(subject.x(), subject.y(), subject.radius(), subject.angle());
        new Brush(canvas, mask, size, subject, pose).paint((byte) 1);
        return new Clip(List.of(new RgbImage(size, size, bytes(canvas))), List.of(mask));
    }

    private static Clip render(Scene scene, int frames, int firstSubject) {
        if (frames < 1) {
            throw new IllegalArgumentException("a clip has at least one frame, not " + frames);
        }
        int size = scene.size();
        int margin = scene.camera() == Camera.STILL ? 0 : (int) Math.ceil(Camera.REACH * size) + 1;
        float[] canvas = new Texture(scene.seed(), size).paint(scene.background(), size, margin);
        Motion motion = new Motion(scene);
        float[] picture = new float[size * size * 3];
        List<RgbImage> images = new ArrayList<>(frames);
        List<byte[]> masks = new ArrayList<>(frames);
        for (int i = 0; i < frames; i++) {
            float time = frames == 1 ? 0 : (float) i / (frames - 1);
            byte[] mask = new byte[size * size];
            crop(canvas, picture, size, margin, scene.camera().offset(time) * size);
            for (int index : order(scene)) {
                if (index >= firstSubject) {
                    SubjectPose pose = motion.at(index, time);
                    new Brush(picture, mask, size, scene.subjects().get(index), pose)
                            .paint((byte) (index + 1));
                }
            }
            images.add(new RgbImage(size, size, bytes(picture)));
            masks.add(mask);
        }
        return new Clip(images, masks);
    }

    /**
     * From the back to the front: the acting subject is in front unless it is said to be behind.
     */
    private static int[] order(Scene scene) {
        if (scene.subjects().size() == 1) {
            return new int[] {0};
        }
        return scene.relation() == Placement.BEHIND ? new int[] {0, 1} : new int[] {1, 0};
    }

    /** Cuts the picture out of the wide canvas, between pixels where the camera is. */
    private static void crop(float[] canvas, float[] picture, int size, int margin, float offset) {
        int width = size + 2 * margin;
        if (margin == 0) {
            System.arraycopy(canvas, 0, picture, 0, picture.length);
            return;
        }
        int whole = (int) Math.floor(offset);
        float part = offset - whole;
        for (int y = 0; y < size; y++) {
            int from = (y * width + margin + whole) * 3;
            int to = y * size * 3;
            for (int i = 0; i < size * 3; i++) {
                float here = canvas[from + i];
                picture[to + i] = here + (canvas[from + i + 3] - here) * part;
            }
        }
    }

    private static byte[] bytes(float[] picture) {
        byte[] rgb = new byte[picture.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) (Math.min(Math.max(picture[i], 0), 1) * 255 + .5f);
        }
        return rgb;
    }

    /** Paints one subject and its shadow over a picture. */
    private static final class Brush {
        private final float[] picture;
        private final byte[] mask;
        private final int size;
        private final Subject subject;
        private final SubjectPose pose;
        private final Figure figure;
        private final Rgb colour;
        private final float cos;
        private final float sin;

        Brush(float[] picture, byte[] mask, int size, Subject subject, SubjectPose pose) {
            this.picture = picture;
            this.mask = mask;
            this.size = size;
            this.subject = subject;
            this.pose = pose;
            this.figure = Figure.of(subject.kind());
            this.colour = subject.colour().rgb().plus(subject.tint());
            this.cos = (float) StrictMath.cos(pose.angle());
            this.sin = (float) StrictMath.sin(pose.angle());
        }

        void paint(byte label) {
            float reach = pose.radius() * 1.25f + 2;
            int left = Math.max(0, (int) (pose.x() - reach));
            int right = Math.min(size, (int) (pose.x() + reach + SHADOW_X + 4));
            int top = Math.max(0, (int) (pose.y() - reach));
            int bottom = Math.min(size, (int) (pose.y() + reach + SHADOW_Y + 4));
            if (left >= right || top >= bottom) {
                return;
            }
            // The shadow is the same outline, so the distances are computed once for both.
            int shiftX = (int) SHADOW_X;
            int shiftY = (int) SHADOW_Y;
            int width = right - left + shiftX;
            int height = bottom - top + shiftY;
            float[] distance = new float[width * height];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    float px = left - shiftX + x + .5f - pose.x();
                    float py = top - shiftY + y + .5f - pose.y();
                    float u = (cos * px + sin * py) / pose.radius();
                    float v = (cos * py - sin * px) / pose.radius();
                    distance[y * width + x] = figure.body(u, v) * pose.radius();
                }
            }
            for (int y = top; y < bottom; y++) {
                for (int x = left; x < right; x++) {
                    int at = (y - top) * width + x - left;
                    float shade = shade(distance[at]);
                    float inside = distance[at + shiftY * width + shiftX];
                    float cover = clamp(.5f - inside);
                    if (shade == 0 && cover == 0) {
                        continue;
                    }
                    blend(x, y, shade, cover, inside);
                    if (cover >= .5f) {
                        mask[y * size + x] = label;
                    }
                }
            }
        }

        private void blend(int x, int y, float shade, float cover, float inside) {
            int at = (y * size + x) * 3;
            for (int c = 0; c < 3; c++) {
                picture[at + c] *= 1 - shade;
            }
            if (cover == 0) {
                return;
            }
            float px = x + .5f - pose.x();
            float py = y + .5f - pose.y();
            float u = (cos * px + sin * py) / pose.radius();
            float v = (cos * py - sin * px) / pose.radius();
            float ink = 1 - .5f * pattern(u, v);
            float r = colour.r() * ink;
            float g = colour.g() * ink;
            float b = colour.b() * ink;
            for (int i = 0; i < figure.parts(); i++) {
                float over = clamp(.5f - figure.part(i, u, v) * pose.radius());
                if (over > 0) {
                    Rgb paint = figure.paint(i);
                    r += (paint.r() - r) * over;
                    g += (paint.g() - g) * over;
                    b += (paint.b() - b) * over;
                }
            }
            float light = Math.min(Math.max(1 - .13f * (px + py) / pose.radius(), .75f), 1.2f);
            float rim = 1 - .42f * clamp((inside + 2.6f) / 1.6f);
            float lit = light * rim;
            picture[at] += (clamp(r * lit) - picture[at]) * cover;
            picture[at + 1] += (clamp(g * lit) - picture[at + 1]) * cover;
            picture[at + 2] += (clamp(b * lit) - picture[at + 2]) * cover;
        }

        /** 0 where the pattern is bright, 1 where it is dark. */
        private float pattern(float u, float v) {
            return switch (subject.pattern()) {
                case PLAIN -> 0;
                case STRIPED -> {
                    float phase = (u + 10) / .62f;
                    float wave = Math.abs(phase - (float) Math.floor(phase) - .5f); // 0 to 0.5
                    yield clamp((wave - .25f) * .62f * pose.radius() + .5f);
                }
                case DOTTED -> {
                    float du = (u + 10.3f) / .62f;
                    float dv = (v + 10.3f) / .62f;
                    du -= (float) Math.floor(du) + .5f;
                    dv -= (float) Math.floor(dv) + .5f;
                    float out = Distances.length(du, dv) - .30f;
                    yield clamp(.5f - out * .62f * pose.radius());
                }
            };
        }

        private static float shade(float distance) {
            float t = clamp(.5f - distance / 8);
            return SHADOW * t * t * (3 - 2 * t);
        }

        private static float clamp(float value) {
            return Math.min(Math.max(value, 0), 1);
        }
    }
}
