package dev.reelrank.bus.cluster;

import java.io.IOException;

/**
 * A broker of a {@link BrokerCluster}: {@code NodeMain SERVER_PROPERTIES}. It ends when its
 * standard input ends.
 */
public final class NodeMain {
    private NodeMain() {}

    /** See the class. */
    public static void main(String[] args) {
        var watch =
                new Thread(
                        () -> {
                            try {
                                while (System.in.read() != -1) {
                                    // Whatever is written to it means nothing.
                                }
                            } catch (IOException e) {
                                // A broken pipe is the end of the parent too.
                            }
                            // A clean end would wait for controllers that end at the same time.
                            Runtime.getRuntime().halt(0);
                        },
                        "parent-watch");
        watch.setDaemon(true);
        watch.start();
        kafka.Kafka.main(new String[] {args[0]});
    }
}
