package dev.reelrank.worker.lease;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place in the line for a capacity and, once granted, the reservation itself. Closing releases
 * it.
 *
 * <p>Safe for use by several threads.
 */
public final class Claim implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Claim.class);
    private static final long POLL_MILLIS = 50;

    private final Capacity capacity;
    private final long place;
    private final double amount;
    private final String holder;
    private final FileChannel channel;

    /** Held while this process waits for the others, which can take long on a busy host. */
    private final ReentrantLock lock = new ReentrantLock();

    private State state = State.WAITING;
    private boolean closed;

    Claim(Capacity capacity, long place, double amount, String holder, FileChannel channel) {
        this.capacity = capacity;
        this.place = place;
        this.amount = amount;
        this.holder = holder;
        this.channel = channel;
    }

    /** Looks once whether the room can be had now; true from then on. */
    public boolean granted() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (state == State.WAITING && capacity.grant(this)) {
                state = State.HELD;
            }
            return state != State.WAITING;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the room is granted.
     *
     * @param stop asked meanwhile; true ends the waiting
     * @return whether it is granted
     */
    public boolean await(BooleanSupplier stop) throws InterruptedException {
        while (!granted()) {
            if (stop.getAsBoolean()) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }

    /** Whether a waiting claim needs this room. */
    public boolean wanted() {
        return capacity.blocked();
    }

    /**
     * Makes this claim the one that goes, if a waiting claim still needs its room: others then
     * stay. The holder unloads and closes.
     *
     * @return false if no other claim needs it any more
     */
    public boolean giveWay() {
        lock.lock();
        try {
            if (state == State.HELD && capacity.giveWay(this)) {
                state = State.YIELDING;
            }
            return state == State.YIELDING;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Shows the others that this process moves; every few seconds. Never waits: the thread that
     * beats also tells the supervisor that this process lives.
     */
    public void beat() {
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (closed) {
                return;
            }
            // Through the locked channel: opening the file again would drop the lock.
            var text = Entry.content(amount, holder) + System.currentTimeMillis() + "\n";
            channel.write(Capacity.text(text), 0);
        } catch (IOException e) {
            LOG.warn("cannot write a heartbeat to the lease folder: {}", e.toString());
        } finally {
            lock.unlock();
        }
    }

    long place() {
        return place;
    }

    public double amount() {
        return amount;
    }

    FileChannel channel() {
        return channel;
    }

    Entry entry(State now) {
        return new Entry(place, now, amount, holder);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                capacity.remove(this, state);
            }
        } finally {
            lock.unlock();
        }
    }
}
