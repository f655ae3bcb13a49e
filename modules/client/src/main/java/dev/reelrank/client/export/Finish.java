package dev.reelrank.client.export;

import dev.reelrank.pipeline.RgbImage;

/** What is done to every frame of a video before it is encoded. Several threads may call it. */
public interface Finish {
    /** Nothing. */
    Finish NONE =
            new Finish() {
                @Override
                public int scale() {
                    return 1;
                }

                @Override
                public RgbImage apply(RgbImage frame) {
                    return frame;
                }
            };

    /** How many times larger frames become. */
    int scale();

    /** The finished frame, {@link #scale} times as wide and high. */
    RgbImage apply(RgbImage frame);
}
