package dev.reelrank.bus;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of a share group. They are the group's, not its members', and some hold only for a
 * group that has not read yet: every worker sets them to the same values before it joins.
 */
final class ShareGroup {
    private static final Logger LOG = LoggerFactory.getLogger(ShareGroup.class);

    private ShareGroup() {}

    /** Sets them, each clamped to what the broker allows. Returns the lock in force. */
    static Duration configure(Connection connection, String group, Duration lock) {
        try (Admin admin = connection.admin()) {
            Config broker = broker(admin, connection);
            if (broker == null) {
                alter(admin, connection, group, unbounded(lock));
                return lock;
            }
            var settings = new LinkedHashMap<String, String>();
            settings.put("share.auto.offset.reset", "earliest");
            settings.put("share.isolation.level", "read_committed");
            long millis = clamp(broker, "record.lock.duration.ms", lock.toMillis());
            settings.put("share.record.lock.duration.ms", Long.toString(millis));
            // As high as allowed: the count is a hint of crashes, flow decides what is dead.
            settings.put("share.delivery.count.limit", highest(broker, "delivery.count.limit"));
            settings.put(
                    "share.partition.max.record.locks",
                    highest(broker, "partition.max.record.locks"));
            settings.put("share.renew.acknowledge.enable", "true");
            settings.put(
                    "share.heartbeat.interval.ms",
                    Long.toString(clamp(broker, "heartbeat.interval.ms", 500)));
            settings.put(
                    "share.session.timeout.ms",
                    Long.toString(clamp(broker, "session.timeout.ms", 10_000)));
            alter(admin, connection, group, settings);
            return Duration.ofMillis(millis);
        }
    }

    /**
     * Without the right to see the broker's limits: what it allows unless it was set up otherwise,
     * and its own maximum of deliveries and locks left as it is.
     */
    private static Map<String, String> unbounded(Duration lock) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("share.auto.offset.reset", "earliest");
        settings.put("share.isolation.level", "read_committed");
        settings.put("share.record.lock.duration.ms", Long.toString(lock.toMillis()));
        settings.put("share.renew.acknowledge.enable", "true");
        return settings;
    }

    /** Null if this client may not see it. */
    private static @Nullable Config broker(Admin admin, Connection connection) {
        int node =
                Futures.await(
                                admin.describeCluster().nodes(),
                                connection,
                                "Describe on the cluster")
                        .iterator()
                        .next()
                        .id();
        var resource = new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(node));
        Config config;
        try {
            config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ClusterAuthorizationException) {
                LOG.info(
                        "this client may not see the limits of share groups (DescribeConfigs on the cluster); the group keeps the broker's own");
                return null;
            }
            throw Futures.failure(e.getCause(), connection);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Futures.failure(e, connection);
        }
        if (config == null || config.get("group.share.max.delivery.count.limit") == null) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the Kafka cluster at %s does not support share groups; Reelrank needs Kafka 4.2 or later"
                            .formatted(connection.bootstrap()));
        }
        return config;
    }

    private static void alter(
            Admin admin, Connection connection, String group, Map<String, String> settings) {
        var operations = new ArrayList<AlterConfigOp>();
        settings.forEach(
                (name, value) ->
                        operations.add(
                                new AlterConfigOp(
                                        new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        Futures.await(
                admin.incrementalAlterConfigs(Map.of(resource, operations)).all(),
                connection,
                "AlterConfigs on group " + group);
    }

    private static long clamp(Config broker, String name, long wanted) {
        return Math.max(bound(broker, "min", name), Math.min(bound(broker, "max", name), wanted));
    }

    private static String highest(Config broker, String name) {
        return Long.toString(bound(broker, "max", name));
    }

    private static long bound(Config broker, String end, String name) {
        return Long.parseLong(broker.get("group.share." + end + "." + name).value());
    }
}
