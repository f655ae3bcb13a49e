package dev.reelrank.bus.broker;

import dev.reelrank.pipeline.Deadline;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Properties;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a kill -9 of the broker leaves behind in its metadata: it is still the leader of every
 * partition.
 *
 * <p>A broker that starts on such metadata begins at once to end transactions that were open, finds
 * that no process can reach it yet, and takes partitions that lose their leader for a moment (while
 * the controller fences its former incarnation) for deleted ones: the transaction then counts as
 * ended although its partitions never get the markers, and no reader of committed records gets past
 * it again (KAFKA-20734, open in 4.3.1). So the controller starts alone first, until it has given
 * the killed broker up; the broker that starts then leads nothing before it can be reached. It
 * would have waited for the same session to run out anyway. See docs/decisions/0014.
 */
final class KilledBroker {
    private static final Logger LOG = LoggerFactory.getLogger(KilledBroker.class);
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final Duration LOOK = Duration.ofMillis(50);

    private KilledBroker() {}

    /** Whether the last broker on this folder ended without a word. */
    static boolean left(BrokerFolder folder) {
        var data = folder.data();
        return Files.isDirectory(data.resolve("__cluster_metadata-0"))
                && !Files.exists(data.resolve(".kafka_cleanshutdown"));
    }

    /**
     * Returns when the controller has given the broker up, or after a while, with a warning.
     *
     * @param settings of the controller alone
     */
    static void giveUp(Properties settings) throws InterruptedException, JMException {
        var controller = new KafkaRaftServer(KafkaConfig.fromProps(settings), Time.SYSTEM);
        controller.startup();
        try {
            var limit = Deadline.in(LIMIT);
            while (!(count("FencedBrokerCount") > 0 && count("ActiveBrokerCount") == 0)) {
                if (limit.passed()) {
                    LOG.warn(
                            "the controller did not fence the killed broker within {} s; a"
                                    + " transaction that was open may hang",
                            LIMIT.toSeconds());
                    return;
                }
                Thread.sleep(LOOK.toMillis());
            }
        } finally {
            controller.shutdown();
            controller.awaitShutdown();
        }
    }

    private static int count(String name) throws JMException {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        try {
            var bean = new ObjectName("kafka.controller:type=KafkaController,name=" + name);
            return ((Number) beans.getAttribute(bean, "Value")).intValue();
        } catch (InstanceNotFoundException e) {
            return 0; // not yet
        }
    }
}
