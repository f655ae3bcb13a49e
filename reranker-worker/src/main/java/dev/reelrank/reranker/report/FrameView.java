package dev.reelrank.reranker.report;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.RgbImage;
import org.jspecify.annotations.Nullable;

/**
 * A frame as the contact sheet shows it.
 *
 * @param frame index in the video
 * @param image the frame
 * @param box what stood for the subject, null if the whole frame did
 * @param rows of the heat map
 * @param columns of the heat map
 * @param heat cosine of each patch with the reference, shape (rows, columns)
 */
public record FrameView(
        int frame, RgbImage image, @Nullable Box box, int rows, int columns, double[] heat) {}
