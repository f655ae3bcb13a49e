package dev.reelrank.bus.broker;

import java.util.Properties;

/** The server settings of a single node on this host, measured with share groups (docs/bus.md). */
public final class BrokerSettings {
    private BrokerSettings() {}

    /** The same node with its controller alone. */
    static Properties ofController(BrokerFolder folder, BrokerFolder.Ports ports) {
        var p = of(folder, ports);
        p.put("process.roles", "controller");
        p.put("listeners", controllerListener(ports));
        return p;
    }

    private static String controllerListener(BrokerFolder.Ports ports) {
        return "CONTROLLER://127.0.0.1:" + ports.controllerPort();
    }

    static Properties of(BrokerFolder folder, BrokerFolder.Ports ports) {
        var p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", "1");
        p.put("controller.quorum.voters", "1@127.0.0.1:" + ports.controllerPort());
        p.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:" + ports.port() + "," + controllerListener(ports));
        p.put("controller.listener.names", "CONTROLLER");
        folder.secret().addTo(p);
        p.put("log.dirs", folder.dataForKafka());

        // One node: every internal topic has one replica.
        p.put("offsets.topic.replication.factor", "1");
        p.put("transaction.state.log.replication.factor", "1");
        p.put("transaction.state.log.min.isr", "1");
        p.put("share.coordinator.state.topic.replication.factor", "1");
        p.put("share.coordinator.state.topic.min.isr", "1");
        addCommon(p);
        return p;
    }

    /** Adds what a broker on this host has, also one of several. */
    public static void addCommon(Properties p) {
        // Few partitions start faster.
        p.put("offsets.topic.num.partitions", "4");
        p.put("transaction.state.log.num.partitions", "4");
        p.put("share.coordinator.state.topic.num.partitions", "4");
        p.put("auto.create.topics.enable", "false");
        p.put("message.max.bytes", Integer.toString(16 << 20));

        // After a kill -9 the controller has to forget the old broker before the new one may
        // register.
        p.put("broker.session.timeout.ms", "3000");
        p.put("broker.heartbeat.interval.ms", "500");
        p.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");

        p.put("group.initial.rebalance.delay.ms", "0");
        p.put("group.streams.initial.rebalance.delay.ms", "0");
        for (String kind : new String[] {"share", "consumer", "streams"}) {
            String group = "group." + kind + ".";
            p.put(group + "min.heartbeat.interval.ms", "500");
            p.put(group + "heartbeat.interval.ms", "500");
            p.put(group + "min.session.timeout.ms", "5000");
            p.put(group + "session.timeout.ms", "10000");
        }
        p.put("group.share.assignment.interval.ms", "0");
        p.put("group.share.initialize.retry.interval.ms", "1000");
        p.put("group.share.max.size", "1000");
        p.put("group.share.min.record.lock.duration.ms", "5000");
        p.put("group.share.max.record.lock.duration.ms", "600000");
        // A delivery count is a hint of crashes only; flow decides what is dead.
        p.put("group.share.max.delivery.count.limit", "25");
        p.put("group.share.max.partition.max.record.locks", "10000");

        // Small: a few records a second, beside models that want the memory.
        p.put("num.network.threads", "2");
        p.put("num.io.threads", "4");
        p.put("background.threads", "2");
        p.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20));
        p.put("num.recovery.threads.per.data.dir", "2");
        // Answered requests are kept until so many have come; a thousand of flow's name 20,000
        // partitions.
        for (String kind : new String[] {"fetch", "producer", "share.fetch"}) {
            p.put(kind + ".purgatory.purge.interval.requests", "100");
        }
    }
}
