package dev.reelrank.testbed;

import static dev.reelrank.testbed.Distances.box;
import static dev.reelrank.testbed.Distances.capsule;
import static dev.reelrank.testbed.Distances.circle;
import static dev.reelrank.testbed.Distances.diamond;
import static dev.reelrank.testbed.Distances.ellipse;
import static dev.reelrank.testbed.Distances.polygon;

/** The kinds that need more than one line. */
final class Figures {
    private static final Rgb DARK = new Rgb(.10f, .09f, .10f);
    private static final Rgb CREAM = new Rgb(.96f, .92f, .80f);
    private static final Rgb SKIN = new Rgb(.93f, .76f, .62f);
    private static final Rgb WOOD = new Rgb(.42f, .26f, .12f);
    private static final Rgb LEAF = new Rgb(.30f, .62f, .18f);
    private static final Rgb GEM = new Rgb(.72f, .95f, 1f);

    private Figures() {}

    /** A band with a gem on top. */
    static final class Ring implements Figure {
        @Override
        public float body(float u, float v) {
            float band = Math.abs(circle(u, v - .14f, .64f)) - .19f;
            return Math.min(band, part(0, u, v));
        }

        @Override
        public int parts() {
            return 1;
        }

        @Override
        public float part(int index, float u, float v) {
            return diamond(u, v + .62f, .42f);
        }

        @Override
        public Rgb paint(int index) {
            return GEM;
        }
    }

    /** A case on a strap, with a dial and two hands. */
    static final class Watch implements Figure {
        @Override
        public float body(float u, float v) {
            return Math.min(circle(u, v, .68f), box(u, v, .34f, 1f));
        }

        @Override
        public int parts() {
            return 3;
        }

        @Override
        public float part(int index, float u, float v) {
            return switch (index) {
                case 0 -> circle(u, v, .48f);
                case 1 -> capsule(u, v, 0, .06f, 0, -.34f, .065f);
                default -> capsule(u, v, 0, 0, .26f, .10f, .065f);
            };
        }

        @Override
        public Rgb paint(int index) {
            return index == 0 ? CREAM : DARK;
        }
    }

    /** A sitting cat seen from the front. */
    static final class Cat implements Figure {
        private static final float[] LEFT_EAR = {-.50f, -.98f, -.48f, -.45f, -.08f, -.66f};
        private static final float[] RIGHT_EAR = {.50f, -.98f, .48f, -.45f, .08f, -.66f};

        @Override
        public float body(float u, float v) {
            float trunk = ellipse(u, v - .45f, .56f, .50f);
            float head = circle(u, v + .34f, .46f);
            float tail = capsule(u, v, .45f, .72f, .86f, .20f, .12f);
            float ears = Math.min(polygon(u, v, LEFT_EAR), polygon(u, v, RIGHT_EAR));
            return Math.min(Math.min(trunk, head), Math.min(tail, ears));
        }

        @Override
        public int parts() {
            return 3;
        }

        @Override
        public float part(int index, float u, float v) {
            return switch (index) {
                case 0 -> circle(u + .18f, v + .38f, .085f);
                case 1 -> circle(u - .18f, v + .38f, .085f);
                default -> ellipse(u, v + .18f, .10f, .07f);
            };
        }

        @Override
        public Rgb paint(int index) {
            return DARK;
        }
    }

    /** A fish that looks to the left. */
    static final class Fish implements Figure {
        private static final float[] TAIL = {.30f, 0, .98f, -.52f, .98f, .52f};
        private static final float[] FIN = {-.20f, -.38f, .24f, -.74f, .34f, -.30f};

        @Override
        public float body(float u, float v) {
            float trunk = ellipse(u + .22f, v, .74f, .50f);
            return Math.min(trunk, Math.min(polygon(u, v, TAIL), polygon(u, v, FIN)));
        }

        @Override
        public int parts() {
            return 2;
        }

        @Override
        public float part(int index, float u, float v) {
            return circle(u + .56f, v + .12f, index == 0 ? .16f : .08f);
        }

        @Override
        public Rgb paint(int index) {
            return index == 0 ? CREAM : DARK;
        }
    }

    /** Two lobes, a stem and a leaf. */
    static final class Apple implements Figure {
        @Override
        public float body(float u, float v) {
            float lobes =
                    Math.min(
                            ellipse(u + .26f, v - .18f, .62f, .74f),
                            ellipse(u - .26f, v - .18f, .62f, .74f));
            return Math.min(lobes, Math.min(part(0, u, v), part(1, u, v)));
        }

        @Override
        public int parts() {
            return 2;
        }

        @Override
        public float part(int index, float u, float v) {
            return index == 0
                    ? capsule(u, v, 0, -.38f, .06f, -.88f, .085f)
                    : ellipse(u - .38f, v + .74f, .30f, .15f);
        }

        @Override
        public Rgb paint(int index) {
            return index == 0 ? WOOD : LEAF;
        }
    }

    /** A domed cap on a pale stem. */
    static final class Mushroom implements Figure {
        @Override
        public float body(float u, float v) {
            float cap = Math.max(ellipse(u, v - .06f, .95f, .92f), v - .10f);
            return Math.min(cap, part(0, u, v));
        }

        @Override
        public int parts() {
            return 1;
        }

        @Override
        public float part(int index, float u, float v) {
            return box(u, v - .52f, .26f, .38f) - .06f;
        }

        @Override
        public Rgb paint(int index) {
            return CREAM;
        }
    }

    /** A standing person; the clothes have the named colour. */
    static final class Person implements Figure {
        @Override
        public float body(float u, float v) {
            float x = Math.abs(u);
            float trunk = box(x, v - .02f, .26f, .36f) - .08f;
            float arm = capsule(x, v, .34f, -.26f, .66f, .22f, .13f);
            float leg = capsule(x, v, .19f, .40f, .25f, .88f, .15f);
            return Math.min(Math.min(trunk, part(0, u, v)), Math.min(arm, leg));
        }

        @Override
        public int parts() {
            return 1;
        }

        @Override
        public float part(int index, float u, float v) {
            return circle(u, v + .68f, .30f);
        }

        @Override
        public Rgb paint(int index) {
            return SKIN;
        }
    }

    /** Five points. */
    static final class Star implements Figure {
        private static final float[] CORNERS = corners();

        private static float[] corners() {
            float[] all = new float[20];
            for (int i = 0; i < 10; i++) {
                double radius = i % 2 == 0 ? 1.04 : .50;
                all[2 * i] = (float) (radius * StrictMath.sin(Math.PI * i / 5));
                all[2 * i + 1] = (float) (-radius * StrictMath.cos(Math.PI * i / 5)) + .06f;
            }
            return all;
        }

        @Override
        public float body(float u, float v) {
            return polygon(u, v, CORNERS);
        }
    }

    /** Two lobes and a tip. */
    static final class Heart implements Figure {
        private static final float[] TIP = {-.89f, .02f, 0, .98f, .89f, .02f, 0, -.42f};

        @Override
        public float body(float u, float v) {
            float lobes = circle(Math.abs(u) - .47f, v + .32f, .54f);
            return Math.min(lobes, polygon(u, v, TIP));
        }
    }

    /** An equal-sided triangle that points up. */
    static final class Triangle implements Figure {
        private static final float[] CORNERS = {0, -.98f, .95f, .72f, -.95f, .72f};

        @Override
        public float body(float u, float v) {
            return polygon(u, v, CORNERS);
        }
    }
}
