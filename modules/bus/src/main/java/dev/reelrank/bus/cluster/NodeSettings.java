package dev.reelrank.bus.cluster;

import dev.reelrank.bus.broker.BrokerSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The server settings of one of several brokers. */
final class NodeSettings {
    private static final int REPLICAS = 3;
    private static final int IN_SYNC = 2;

    private NodeSettings() {}

    /**
     * @param voters {@code id@host:port} of every controller
     * @param nodes of the cluster; with three or more, everything has three replicas
     */
    static Properties of(
            int id,
            String host,
            int port,
            int controllerPort,
            String voters,
            int nodes,
            Path data) {
        var p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", Integer.toString(id));
        p.put("controller.quorum.voters", voters);
        p.put(
                "listeners",
                "PLAINTEXT://%1$s:%2$d,CONTROLLER://%1$s:%3$d"
                        .formatted(host, port, controllerPort));
        p.put("controller.listener.names", "CONTROLLER");
        p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("log.dirs", data.toString());
        BrokerSettings.addCommon(p);
        String replicas = Integer.toString(Math.min(REPLICAS, nodes));
        String inSync = Integer.toString(Math.min(IN_SYNC, nodes));
        for (Map.Entry<String, String> topic :
                Map.of(
                                "transaction.state.log", "transaction.state.log.min.isr",
                                "share.coordinator.state.topic",
                                        "share.coordinator.state.topic.min.isr")
                        .entrySet()) {
            p.put(topic.getKey() + ".replication.factor", replicas);
            p.put(topic.getValue(), inSync);
        }
        p.put("offsets.topic.replication.factor", replicas);
        p.put("default.replication.factor", replicas);
        p.put("min.insync.replicas", inSync);
        return p;
    }
}
