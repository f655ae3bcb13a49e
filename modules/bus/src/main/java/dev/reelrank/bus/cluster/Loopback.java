package dev.reelrank.bus.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;

/** All brokers on the loopback interface. None can be cut off. */
public final class Loopback implements NodeNetwork {
    @Override
    public String host(int node) {
        return "127.0.0.1";
    }

    @Override
    public int port(int node) {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }

    @Override
    public List<String> prefix(int node) {
        return List.of();
    }

    @Override
    public boolean canCut() {
        return false;
    }

    @Override
    public void cutOff(int node) {
        throw new UnsupportedOperationException("the loopback interface cannot be cut");
    }

    @Override
    public void rejoin(int node) {
        // It was never cut.
    }

    @Override
    public void close() {
        // Nothing was made.
    }
}
