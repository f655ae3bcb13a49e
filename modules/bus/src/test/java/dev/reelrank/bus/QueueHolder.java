package dev.reelrank.bus;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.util.List;

/**
 * A process that takes from a queue, says how many it got, keeps them, and says when it lost one.
 */
public final class QueueHolder {
    private QueueHolder() {}

    /** Arguments: bootstrap, prefix, most records. */
    public static void main(String[] args) throws Exception {
        Connection connection = Connection.to(args[0]).withPrefix(args[1]);
        var queue =
                WorkQueue.open(
                        connection,
                        new EventCodec(),
                        StageName.PROMPT,
                        new QueueSettings("holder", Duration.ofSeconds(5)));
        List<Delivery> held = queue.take(Integer.parseInt(args[2]), Duration.ofSeconds(30));
        System.out.println(held.size());
        for (int i = 0; i < 1_200 && held.stream().noneMatch(Delivery::lost); i++) {
            Thread.sleep(50);
        }
        System.out.println(held.stream().anyMatch(Delivery::lost) ? "lost" : "kept for a minute");
        System.exit(0);
    }

    static Process start(Connection connection, int max) throws java.io.IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        QueueHolder.class.getName(),
                        connection.bootstrap(),
                        connection.prefix(),
                        Integer.toString(max))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
