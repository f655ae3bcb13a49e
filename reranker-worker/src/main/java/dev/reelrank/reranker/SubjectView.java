package dev.reelrank.reranker;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.Mask;
import org.jspecify.annotations.Nullable;

/**
 * Where the subject is in one picture.
 *
 * @param mask union of its instances, null if there is none
 * @param box around the mask, null if there is none
 * @param instances how many separated ones
 * @param objection why the mask is not used, null if it is
 */
record SubjectView(
        @Nullable Mask mask, @Nullable Box box, int instances, @Nullable String objection) {
    static SubjectView none(String why) {
        return new SubjectView(null, null, 0, why);
    }

    boolean usable() {
        return objection == null;
    }

    double share() {
        return mask == null ? 0 : mask.share();
    }
}
