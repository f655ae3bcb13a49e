package dev.reelrank.testbed;

/**
 * Signed distances of plain shapes, after the well-known two-dimensional ones (see Inigo Quilez,
 * "2D distance functions"); only + − × ÷ and square roots, so every machine gets the same bits.
 */
final class Distances {
    private Distances() {}

    static float length(float a, float b) {
        return (float) Math.sqrt(a * a + b * b);
    }

    static float circle(float u, float v, float radius) {
        return length(u, v) - radius;
    }

    static float box(float u, float v, float halfWidth, float halfHeight) {
        float du = Math.abs(u) - halfWidth;
        float dv = Math.abs(v) - halfHeight;
        return length(Math.max(du, 0), Math.max(dv, 0)) + Math.min(Math.max(du, dv), 0);
    }

    /** An ellipse; a bound that is exact on the outline. */
    static float ellipse(float u, float v, float halfWidth, float halfHeight) {
        float k = length(u / halfWidth, v / halfHeight);
        float g = length(u / (halfWidth * halfWidth), v / (halfHeight * halfHeight));
        return g < 1e-6f ? -Math.min(halfWidth, halfHeight) : k * (k - 1) / g;
    }

    /** A line from (u1, v1) to (u2, v2) with round ends. */
    static float capsule(float u, float v, float u1, float v1, float u2, float v2, float radius) {
        return segment(u, v, u1, v1, u2, v2) - radius;
    }

    static float segment(float u, float v, float u1, float v1, float u2, float v2) {
        float pu = u - u1;
        float pv = v - v1;
        float du = u2 - u1;
        float dv = v2 - v1;
        float along = (pu * du + pv * dv) / (du * du + dv * dv);
        float t = Math.min(Math.max(along, 0), 1);
        return length(pu - du * t, pv - dv * t);
    }

    /** A polygon by its corners u0, v0, u1, v1, …; inside by the even-odd rule. */
    static float polygon(float u, float v, float[] corners) {
        float nearest = Float.MAX_VALUE;
        boolean inside = false;
        int n = corners.length / 2;
        for (int i = 0, j = n - 1; i < n; j = i++) {
            float iu = corners[2 * i];
            float iv = corners[2 * i + 1];
            float ju = corners[2 * j];
            float jv = corners[2 * j + 1];
            nearest = Math.min(nearest, segment(u, v, iu, iv, ju, jv));
            if (iv > v != jv > v && u < (ju - iu) * (v - iv) / (jv - iv) + iu) {
                inside = !inside;
            }
        }
        return inside ? -nearest : nearest;
    }

    static float diamond(float u, float v, float radius) {
        return (Math.abs(u) + Math.abs(v) - radius) * .70710677f;
    }
}
