package dev.reelrank.perception;

import ai.djl.ndarray.NDList;

/**
 * What SAM3 saw in one picture; serves any number of phrases. Holds native memory (about 110 MB at
 * 1008 pixels a side) until closed.
 */
public final class VisionFeatures implements AutoCloseable {
    private final int width;
    private final int height;
    private final NDList maps;

    VisionFeatures(int width, int height, NDList maps) {
        this.width = width;
        this.height = height;
        this.maps = maps;
    }

    /** Width of the picture, pixels. */
    public int width() {
        return width;
    }

    /** Height of the picture, pixels. */
    public int height() {
        return height;
    }

    NDList maps() {
        return maps;
    }

    @Override
    public void close() {
        maps.close();
    }
}
