/**
 * Is an adapter better than its base? Both make clips of held-out samples with equal seeds; {@link
 * dev.reelrank.alignment.compare.ClipMetrics} measures each clip, {@link
 * dev.reelrank.alignment.compare.Comparison} compares the figures pair by pair, {@link
 * dev.reelrank.alignment.compare.Gate} accepts or rejects, and {@link
 * dev.reelrank.alignment.compare.ReportFolder} writes what a person looks at.
 *
 * <p>Statistics and frames only: it knows no model, no training and no bus. Whoever calls it
 * generates the clips, and adds figures of its own, such as a composite or a grade, by name.
 */
@NullMarked
package dev.reelrank.alignment.compare;

import org.jspecify.annotations.NullMarked;
