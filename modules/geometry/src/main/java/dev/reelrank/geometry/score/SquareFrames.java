package dev.reelrank.geometry.score;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.video.HeadlessOpenCv;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/** Frames as VideoGPA's scorer shows them to VGGT: the square in the middle, resized bilinearly. */
public final class SquareFrames {
    static {
        HeadlessOpenCv.prepare();
    }

    private SquareFrames() {}

    /**
     * The middle of a frame.
     *
     * @param side of the result, pixels
     */
    public static RgbImage of(RgbImage frame, int side) {
        int cut = Math.min(frame.width(), frame.height());
        int left = (frame.width() - cut) / 2;
        int top = (frame.height() - cut) / 2;
        byte[] rgb = new byte[side * side * 3];
        try (var data = new BytePointer(frame.rgb());
                var whole = new Mat(frame.height(), frame.width(), opencv_core.CV_8UC3, data);
                var square = new Mat(whole, new Rect(left, top, cut, cut));
                var resized = new Mat();
                var size = new Size(side, side)) {
            opencv_imgproc.resize(square, resized, size);
            resized.data().get(rgb);
        }
        return new RgbImage(side, side, rgb);
    }

    /** How much neighbouring frames of equal size differ in the mean, grey levels. */
    public static double change(List<RgbImage> frames) {
        return Arrays.stream(changes(frames)).average().orElse(0);
    }

    /** How much each frame but the first differs from the one before it, grey levels. */
    static double[] changes(List<RgbImage> frames) {
        double[] changes = new double[Math.max(0, frames.size() - 1)];
        for (int i = 1; i < frames.size(); i++) {
            byte[] before = frames.get(i - 1).rgb();
            byte[] after = frames.get(i).rgb();
            long off = 0;
            for (int k = 0; k < after.length; k++) {
                off += Math.abs((after[k] & 0xff) - (before[k] & 0xff));
            }
            changes[i - 1] = (double) off / after.length;
        }
        return changes;
    }
}
