package dev.reelrank.bench.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * HTTP requests that never end, are none, or are too large, at the ports for health and metrics.
 */
final class HostileRequests implements Assault, AutoCloseable {
    private static final int OPEN = 40;
    private static final int CONNECT_MILLIS = 2_000;

    private final List<Integer> ports;
    private final Deque<Socket> open = new ArrayDeque<>();

    HostileRequests(List<Integer> ports) {
        this.ports = ports;
    }

    @Override
    public String kind() {
        return "http";
    }

    /** The answer is not waited for, and most connections stay open for a while. */
    @Override
    public void strike(Random random) {
        var socket = new Socket();
        open.addLast(socket);
        if (open.size() > OPEN) {
            close(open.removeFirst());
        }
        try {
            int port = ports.get(random.nextInt(ports.size()));
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            socket.getOutputStream().write(request(random));
            socket.getOutputStream().flush();
        } catch (IOException e) {
            // The server has closed the connection, or its process is being replaced: its right.
            close(socket);
        }
    }

    private static byte[] request(Random random) {
        String text =
                switch (random.nextInt(9)) {
                    case 0 -> "GET /health HTTP/1.1\r\nHost: x\r\n";
                    case 1 -> "";
                    case 2 -> "GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n";
                    case 3 ->
                            "GET /health HTTP/1.1\r\nHost: x\r\n"
                                    + "X-Much: y\r\n".repeat(2_000)
                                    + "\r\n";
                    case 4 -> "POST /metrics HTTP/1.1\r\nContent-Length: 999999999\r\n\r\nabc";
                    case 5 -> "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n";
                    case 6 -> "GET /metrics HTTP/9.9\r\nTransfer-Encoding: chunked\r\n\r\nffffffff";
                    case 7 -> "\u0016\u0003\u0001\u0002\u0000\u0001";
                    default -> "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                };
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return random.nextBoolean() ? bytes : Mutation.of(bytes, 0, random);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone, as it should be.
            return;
        }
    }

    @Override
    public void close() {
        open.forEach(HostileRequests::close);
    }
}
