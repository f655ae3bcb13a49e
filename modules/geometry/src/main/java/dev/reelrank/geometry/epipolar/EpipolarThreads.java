package dev.reelrank.geometry.epipolar;

import dev.reelrank.video.HeadlessOpenCv;
import org.bytedeco.opencv.global.opencv_core;

/** How many threads OpenCV computes with. The results do not depend on it. */
public final class EpipolarThreads {
    static {
        HeadlessOpenCv.prepare();
    }

    private EpipolarThreads() {}

    /**
     * One thread per video, in the whole process. OpenCV's threads wait in loops, so where videos
     * are measured side by side they take the time of those that work.
     */
    public static void one() {
        opencv_core.setNumThreads(1);
    }
}
