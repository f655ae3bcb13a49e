/**
 * Is an adapter better than its base? Both make clips of held-out samples with equal seeds; {@link
 * dev.reelrank.alignment.compare.ClipMetrics} measures each clip, {@link
 * dev.reelrank.alignment.compare.Comparison} compares the figures pair by pair, {@link
 * dev.reelrank.alignment.compare.Gate} accepts or rejects, and {@link
 * dev.reelrank.alignment.compare.ReportFolder} writes the report for people.
 *
 * <p>Statistics and frames only: it depends on no model, no training and no bus. The caller
 * generates the clips, and may add named figures of its own, such as a composite or a grade.
 */
@NullMarked
package dev.reelrank.alignment.compare;

import org.jspecify.annotations.NullMarked;
