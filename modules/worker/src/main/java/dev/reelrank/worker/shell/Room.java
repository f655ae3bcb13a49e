package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.lease.Claim;
import dev.reelrank.worker.lease.DeviceLease;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory that a stage holds or waits for: of its device and, with a GPU, of the host. One
 * thread calls it, except {@link #beat}.
 *
 * <p>Every worker claims the host's memory first and takes its place in the device's line only when
 * it has it. So no worker waits for the host while others wait behind it for the device, and no two
 * workers never wait for what the other holds.
 */
final class Room implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Room.class);

    private final DeviceLease lease;
    private final String holder;
    private final StageMetrics metrics;
    private volatile @Nullable Claim host;
    private volatile @Nullable Claim device;
    private double hostGib;
    private double deviceGib;
    private boolean asked;
    private boolean held;
    private long heldSince;

    Room(DeviceLease lease, String holder, StageMetrics metrics) {
        this.lease = lease;
        this.holder = holder;
        this.metrics = metrics;
    }

    boolean held() {
        return held;
    }

    /** Whether a place in a line is kept, granted or not. */
    boolean asked() {
        return asked;
    }

    /** Whether the held room is as large as that. */
    boolean fits(Needs needs) {
        return held && deviceGib >= lease.deviceGib(needs) && hostGib >= lease.hostGib(needs);
    }

    /** These needs with all of the device: nothing else is loaded on it. */
    Needs everything(Needs needs) {
        // On the CPU the host's share is in the device's already.
        return new Needs(lease.memory().total(), lease.hostGib(needs));
    }

    /**
     * Takes a place in the first line, unless a large enough one is kept.
     *
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG if it can never be granted
     */
    void ask(Needs needs) {
        double wantedDevice = lease.deviceGib(needs);
        double wantedHost = lease.hostGib(needs);
        if (asked && deviceGib >= wantedDevice && hostGib >= wantedHost) {
            return;
        }
        close();
        deviceGib = wantedDevice;
        hostGib = wantedHost;
        if (hostGib > 0) {
            host = lease.host().ask(hostGib, holder);
        } else {
            device = lease.memory().ask(deviceGib, holder);
        }
        asked = true;
    }

    /**
     * Waits for both to be granted; the places are kept if they are not.
     *
     * @param limit how long
     * @param stop ends the waiting
     */
    boolean await(Duration limit, BooleanSupplier stop) throws InterruptedException {
        if (held) {
            return true;
        }
        if (!asked) {
            throw new IllegalStateException("ask first");
        }
        var until = System.nanoTime() + limit.toNanos();
        BooleanSupplier enough = () -> stop.getAsBoolean() || System.nanoTime() - until >= 0;
        var h = host;
        if (h != null && !h.await(enough)) {
            return false;
        }
        var d = device;
        if (d == null) {
            d = lease.memory().ask(deviceGib, holder);
            device = d;
        }
        if (d.await(enough)) {
            held = true;
            heldSince = System.nanoTime();
            metrics.reserved(deviceGib);
            LOG.info(
                    "reserved {} GiB of the device and {} GiB of host memory",
                    "%.2f".formatted(deviceGib),
                    "%.2f".formatted(hostGib));
        }
        return held;
    }

    /** How long the room has been held. */
    Duration age() {
        return held ? Duration.ofNanos(System.nanoTime() - heldSince) : Duration.ZERO;
    }

    /** Whether another worker waits for this room. */
    boolean wanted() {
        return held && (wanted(host) || wanted(device));
    }

    /** Says that this room is the one to become free; false if no other claim needs it any more. */
    boolean giveWay() {
        var h = host;
        var d = device;
        // Both, if both are wanted; what is not wanted goes with the other anyway.
        boolean hostGoes = held && h != null && h.giveWay();
        boolean deviceGoes = held && d != null && d.giveWay();
        return hostGoes || deviceGoes;
    }

    void beat() {
        beat(host);
        beat(device);
    }

    /** Gives the room, or the places in the lines, back. */
    @Override
    public void close() {
        // The other way round than they were taken.
        close(device);
        device = null;
        close(host);
        host = null;
        asked = false;
        if (held) {
            held = false;
            metrics.reserved(0);
            LOG.info("released the device");
        }
    }

    private static boolean wanted(@Nullable Claim claim) {
        return claim != null && claim.wanted();
    }

    private static void beat(@Nullable Claim claim) {
        if (claim != null) {
            claim.beat();
        }
    }

    private static void close(@Nullable Claim claim) {
        if (claim != null) {
            claim.close();
        }
    }
}
