package dev.reelrank.worker;

import dev.reelrank.pipeline.Device;

/**
 * How much memory of a GPU came into use since a moment: for models whose runtime does not report
 * its own use. Such runtimes keep memory that they have allocated, so the growth after some work is
 * the most they needed. Memory that other processes allocate or free meanwhile counts as well.
 */
public final class DeviceGrowth {
    private final Device device;
    private final long before;
    private long most;
    private int asked;

    private DeviceGrowth(Device device) {
        this.device = device;
        this.before = Gpus.usedBytes(device);
    }

    /** From now on; on the CPU always 0. */
    public static DeviceGrowth since(Device device) {
        return new DeviceGrowth(device);
    }

    /**
     * Looks now; the 1st, 2nd, 4th, 8th … time only, for after some work nothing grows any more.
     */
    public void look() {
        asked++;
        if (Integer.bitCount(asked) == 1) {
            most = Math.max(most, Gpus.usedBytes(device) - before);
        }
    }

    /** The most that was seen, bytes. */
    public long mostBytes() {
        return most;
    }
}
