package dev.reelrank.bus.cluster;

import java.util.List;

/** Where the brokers of a {@link BrokerCluster} listen, and how one is cut off from everybody. */
public sealed interface NodeNetwork extends AutoCloseable permits Loopback, Namespaces {
    /**
     * The address of a broker.
     *
     * @param node from 1
     */
    String host(int node);

    /**
     * A free port on it.
     *
     * @param node from 1
     */
    int port(int node);

    /** What stands before the command of a broker's process. */
    List<String> prefix(int node);

    /** Whether {@link #cutOff} works. */
    boolean canCut();

    /**
     * Lets no packet reach or leave a broker; connections stay open and silent.
     *
     * @throws UnsupportedOperationException unless {@link #canCut}
     */
    void cutOff(int node);

    /** Ends {@link #cutOff}. */
    void rejoin(int node);

    @Override
    void close();

    /** Namespaces if this user may make them, the loopback interface otherwise. */
    static NodeNetwork best(int nodes) {
        return Namespaces.allowed() ? Namespaces.create(nodes) : new Loopback();
    }
}
