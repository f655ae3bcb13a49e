package dev.reelrank.bus.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Each broker in a network namespace of its own, joined by a bridge that this host is on too. Linux
 * only, and only for users who may make namespaces (root). A broker is cut off by taking its cable
 * out of the bridge.
 */
public final class Namespaces implements NodeNetwork {
    private static final int FIRST_PORT = 19092;
    private static final int LIMIT_SECONDS = 10;

    private final String name;
    private final String subnet;
    private final int nodes;
    private int ports;

    private Namespaces(String name, String subnet, int nodes) {
        this.name = name;
        this.subnet = subnet;
        this.nodes = nodes;
    }

    /** Whether this user may make what {@link #create} makes; it is tried. */
    public static boolean allowed() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return false;
        }
        try (var probe = create(1)) {
            return probe.canCut();
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /**
     * Makes the namespaces, their cables and the bridge. Their names begin with {@code rr} and this
     * process's id; {@link #close} and the end of this process remove them.
     *
     * @throws IllegalStateException with the program's own words if the system refuses
     */
    static Namespaces create(int nodes) {
        long pid = ProcessHandle.current().pid();
        // Interface names have 15 characters at most. Two farms of one host differ in their process
        // ids.
        var made =
                new Namespaces(
                        "rr" + Long.toString(pid, 36),
                        "10.%d.%d".formatted(200 + pid / 250 % 50, pid % 250),
                        nodes);
        Runtime.getRuntime().addShutdownHook(new Thread(made::close));
        try {
            made.make();
            return made;
        } catch (IllegalStateException e) {
            made.close();
            throw e;
        }
    }

    private void make() {
        ip("link", "add", bridge(), "type", "bridge");
        ip("addr", "add", subnet + ".254/24", "dev", bridge());
        ip("link", "set", bridge(), "up");
        for (int node = 1; node <= nodes; node++) {
            ip("netns", "add", namespace(node));
            ip(
                    "link",
                    "add",
                    cable(node),
                    "type",
                    "veth",
                    "peer",
                    "eth0",
                    "netns",
                    namespace(node));
            ip("link", "set", cable(node), "master", bridge());
            ip("link", "set", cable(node), "up");
            ip("-n", namespace(node), "addr", "add", host(node) + "/24", "dev", "eth0");
            ip("-n", namespace(node), "link", "set", "eth0", "up");
            ip("-n", namespace(node), "link", "set", "lo", "up");
        }
    }

    @Override
    public String host(int node) {
        return subnet + "." + node;
    }

    @Override
    public synchronized int port(int node) {
        return FIRST_PORT + ports++;
    }

    @Override
    public List<String> prefix(int node) {
        return List.of("ip", "netns", "exec", namespace(node));
    }

    @Override
    public boolean canCut() {
        return true;
    }

    @Override
    public void cutOff(int node) {
        ip("link", "set", cable(node), "nomaster");
    }

    @Override
    public void rejoin(int node) {
        ip("link", "set", cable(node), "master", bridge());
    }

    private String bridge() {
        return name + "b";
    }

    private String cable(int node) {
        return name + "v" + node;
    }

    private String namespace(int node) {
        return name + "n" + node;
    }

    private static void ip(String... arguments) {
        String said = run(arguments);
        if (!said.isEmpty()) {
            throw new IllegalStateException(
                    "ip " + String.join(" ", arguments) + " does not work here: " + said);
        }
    }

    /** What went wrong, empty if nothing did. */
    private static String run(String... arguments) {
        var command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments));
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "no answer within " + LIMIT_SECONDS + " s";
            }
            return process.exitValue() == 0 ? "" : said.strip() + " (" + process.exitValue() + ")";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Removes everything; what is not there is passed over. */
    @Override
    public void close() {
        for (int node = 1; node <= nodes; node++) {
            run("netns", "del", namespace(node));
            run("link", "del", cable(node));
        }
        run("link", "del", bridge());
    }
}
