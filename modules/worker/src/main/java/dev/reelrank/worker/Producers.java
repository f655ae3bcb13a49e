package dev.reelrank.worker;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.event.Producer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;

/** The identity of this process as a producer of events. */
public final class Producers {
    private Producers() {}

    /**
     * @param worker its name, unique on the farm
     */
    public static Producer ofThisProcess(String worker, Device device) {
        return new Producer(
                worker,
                processId(),
                host(),
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

    /** The host's name, {@code localhost} where it has none. */
    public static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
