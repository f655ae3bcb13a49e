package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;

/**
 * A user preferred one video of a sample to another.
 *
 * @param selectionId unique; a selection is learned from once
 * @param originalPrompt of the sample
 * @param subjectGroup jewelry, animal, device, food, person or other
 */
public record PreferencePair(
        String selectionId,
        String originalPrompt,
        String subjectGroup,
        BlobRef image,
        BlobRef chosen,
        BlobRef rejected) {}
