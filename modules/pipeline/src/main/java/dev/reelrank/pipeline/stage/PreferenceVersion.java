package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import org.jspecify.annotations.Nullable;

/**
 * A version of the preference model.
 *
 * @param version 0 means there is none yet
 * @param model its weights, null for version 0
 */
public record PreferenceVersion(long version, @Nullable BlobRef model) {
    public static final PreferenceVersion NONE = new PreferenceVersion(0, null);
}
