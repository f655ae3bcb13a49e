package dev.reelrank.reranker;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.ranking.SquareCrop;

/**
 * The reference image as candidates are compared with it.
 *
 * @param image the picture
 * @param cls DINOv3's token of the whole picture
 * @param view where the subject is
 * @param subjectCls DINOv3's token of the subject's crop; of the whole picture without a mask
 */
record Reference(RgbImage image, float[] cls, SubjectView view, float[] subjectCls) {
    /** The square that stands for the subject in a frame, given the subject's box in it. */
    static Box crop(Box box, int width, int height) {
        return SquareCrop.around(box, width, height);
    }

    /** The reference's box on a frame of another size. */
    Box boxOn(int width, int height) {
        var box = view.box();
        if (box == null) {
            throw new IllegalStateException("there is no subject in the reference");
        }
        return box.scaled((double) width / image.width(), (double) height / image.height());
    }
}
