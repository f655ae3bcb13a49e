package dev.reelrank.ranking;

import dev.reelrank.pipeline.Box;
import java.util.Locale;
import java.util.Optional;

/** When a subject's mask is a mistake of the segmentation and the full image is scored instead. */
public final class MaskRules {
    /** A strip along an edge spans more than this share of it … */
    static final double STRIP_SPAN = 0.75;

    /** … and is thinner than this share of the other side. */
    static final double STRIP_THICKNESS = 0.25;

    private MaskRules() {}

    /**
     * Why a mask is not used, empty if it is. It is rejected when
     *
     * <ul>
     *   <li>its box is longer than {@code maxAspect}: max(W ÷ H, H ÷ W) &gt; maxAspect;
     *   <li>its box is a thin strip along an edge: it touches an edge of the image (within a
     *       pixel), spans more than 75 % of that edge and is thinner than 25 % of the other side,
     *       as (90,0)-(1192,171) in 1280×720 is, whose ratio of 6.44 the first rule lets pass;
     *   <li>its area is below {@code minArea} or above {@code maxArea} of the image.
     * </ul>
     *
     * @param box of the union of the subject's masks, null if nothing was found
     * @param share of the image that the mask covers, 0..1
     * @param width of the image, pixels
     * @param height of the image, pixels
     */
    public static Optional<String> objection(
            @org.jspecify.annotations.Nullable Box box,
            double share,
            int width,
            int height,
            MaskLimits limits) {
        if (box == null || share <= 0) {
            return Optional.of("nothing in the image matches the subject");
        }
        double longer = Math.max(box.width(), box.height());
        double shorter = Math.min(box.width(), box.height());
        if (longer > limits.maxAspect() * shorter) {
            return said(
                    "its box %s has the aspect %.2f, above %s",
                    where(box), longer / shorter, plain(limits.maxAspect()));
        }
        if (isStrip(box, width, height)) {
            return said(
                    "its box %s is a thin strip along an edge of the %dx%d image",
                    where(box), width, height);
        }
        if (share < limits.minArea()) {
            return said(
                    "it covers %.2f %% of the image, below %s %%",
                    share * 100, plain(limits.minArea() * 100));
        }
        if (share > limits.maxArea()) {
            return said(
                    "it covers %.1f %% of the image, above %s %%",
                    share * 100, plain(limits.maxArea() * 100));
        }
        return Optional.empty();
    }

    private static boolean isStrip(Box box, int width, int height) {
        boolean horizontalEdge = box.y0() <= 1 || box.y1() >= height - 1;
        boolean verticalEdge = box.x0() <= 1 || box.x1() >= width - 1;
        boolean lying =
                horizontalEdge
                        && box.width() > STRIP_SPAN * width
                        && box.height() < STRIP_THICKNESS * height;
        boolean standing =
                verticalEdge
                        && box.height() > STRIP_SPAN * height
                        && box.width() < STRIP_THICKNESS * width;
        return lying || standing;
    }

    private static String where(Box box) {
        return String.format(
                Locale.ROOT, "(%.0f,%.0f)-(%.0f,%.0f)", box.x0(), box.y0(), box.x1(), box.y1());
    }

    private static String plain(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.4g", value).replaceFirst("0+$", "");
    }

    private static Optional<String> said(String format, Object... values) {
        return Optional.of(String.format(Locale.ROOT, format, values));
    }
}
