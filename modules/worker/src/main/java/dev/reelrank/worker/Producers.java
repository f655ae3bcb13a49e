package dev.reelrank.worker;

import dev.reelrank.bus.process.HostName;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.event.Producer;
import java.time.Instant;

/** The identity of this process as a producer of events. */
public final class Producers {
    private Producers() {}

    /**
     * Describes this process for what it publishes.
     *
     * @param worker its name, unique on the farm
     */
    public static Producer ofThisProcess(String worker, Device device) {
        return new Producer(
                worker,
                processId(),
                HostName.ofThis(),
                device.toString(),
                device.isCuda() ? Gpus.describe(device).name() : "cpu");
    }

    /** The operating system's id and start time: the id alone is used again. */
    static String processId() {
        var process = ProcessHandle.current();
        return process.pid()
                + "@"
                + process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
    }
}
