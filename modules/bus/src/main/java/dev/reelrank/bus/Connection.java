package dev.reelrank.bus;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Stages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * The address of the cluster and the settings of its clients. Every client of the process is made
 * from one.
 *
 * @param bootstrap {@code host:port}, several separated by commas
 * @param settings any of Kafka's own client settings (SASL, TLS …), as in {@code --kafka-config}
 * @param prefix stands before the name of every topic and group, so that several farms may share a
 *     cluster; empty by default
 * @param stages whose topics there are
 */
public record Connection(
        String bootstrap, Map<String, String> settings, String prefix, Stages stages) {
    private static final String BOOTSTRAP = "bootstrap.servers";

    public Connection {
        settings = Map.copyOf(settings);
    }

    /** A cluster without further settings. */
    public static Connection to(String bootstrap) {
        return new Connection(bootstrap, Map.of(), "", Stages.STANDARD);
    }

    /**
     * What {@code --bootstrap} and {@code --kafka-config} say.
     *
     * @param bootstrap null to take {@code bootstrap.servers} of the file
     * @param kafkaConfig a properties file, null for none; a {@code topic.prefix} in it is the
     *     prefix
     * @throws StageException INVALID_CONFIG if the file cannot be read or neither names a cluster
     */
    public static Connection of(@Nullable String bootstrap, @Nullable Path kafkaConfig) {
        var settings = new HashMap<String, String>();
        if (kafkaConfig != null) {
            Properties properties = read(kafkaConfig);
            for (String name : properties.stringPropertyNames()) {
                settings.put(name, properties.getProperty(name).strip());
            }
        }
        String fromFile = settings.remove(BOOTSTRAP);
        String servers = bootstrap != null ? bootstrap : fromFile;
        if (servers == null || servers.isBlank()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no Kafka cluster is configured: pass --bootstrap HOST:PORT, or set bootstrap.servers in the file of --kafka-config");
        }
        String prefix = settings.remove("topic.prefix");
        return new Connection(servers, settings, prefix == null ? "" : prefix, Stages.STANDARD);
    }

    /**
     * The addresses that a file of Kafka's settings names.
     *
     * @return null if it names none
     * @throws StageException INVALID_CONFIG if the file cannot be read
     */
    public static @Nullable String servers(Path kafkaConfig) {
        String servers = read(kafkaConfig).getProperty(BOOTSTRAP);
        return servers == null || servers.isBlank() ? null : servers.strip();
    }

    private static Properties read(Path file) {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
            return properties;
        } catch (IOException | IllegalArgumentException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot read the Kafka settings in "
                            + file
                            + " ("
                            + e
                            + "); --kafka-config must be a properties file",
                    e);
        }
    }

    /**
     * The same cluster, with the settings of a file over those that are there.
     *
     * @param kafkaConfig as in {@link #of}, without an address; null for none
     */
    public Connection with(@Nullable Path kafkaConfig) {
        if (kafkaConfig == null) {
            return this;
        }
        Connection file = of(bootstrap, kafkaConfig);
        var merged = new HashMap<>(settings);
        merged.putAll(file.settings);
        return new Connection(bootstrap, merged, file.prefix, stages);
    }

    /** The same cluster, with other settings. */
    public Connection withSettings(Map<String, String> other) {
        return new Connection(bootstrap, other, prefix, stages);
    }

    /** The same cluster, with another prefix. */
    public Connection withPrefix(String other) {
        return new Connection(bootstrap, settings, other, stages);
    }

    /** The same cluster, with other stages. */
    public Connection withStages(Stages other) {
        return new Connection(bootstrap, settings, prefix, other);
    }

    /** The names of topics and groups. */
    public Topics topics() {
        return new Topics(prefix, stages);
    }

    /** A new map with the address and the settings: the base of every client and of Streams. */
    public Map<String, Object> properties() {
        var properties = new HashMap<String, Object>(settings);
        properties.put(BOOTSTRAP, bootstrap);
        return properties;
    }

    /**
     * A client for the cluster's administration; the caller closes it.
     *
     * @throws StageException INVALID_CONFIG if the address or a setting is none
     */
    public Admin admin() {
        return client(
                () -> {
                    Map<String, Object> properties = properties();
                    properties.putIfAbsent("default.api.timeout.ms", 30_000);
                    properties.putIfAbsent("request.timeout.ms", 10_000);
                    return Admin.create(properties);
                });
    }

    /**
     * Makes sure that a broker answers.
     *
     * @throws StageException BROKER_UNAVAILABLE if none does within the time; INVALID_CONFIG, at
     *     once, if the cluster refuses this client
     */
    public void check(Duration within) {
        Admin admin = admin();
        try {
            admin.describeCluster(new DescribeClusterOptions().timeoutMs((int) within.toMillis()))
                    .nodes()
                    .get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unavailable(within, e.getCause());
        } catch (TimeoutException e) {
            throw unavailable(within, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(within, e);
        } finally {
            // Without a timeout: a plain close waits for calls that no broker will answer.
            admin.close(Duration.ZERO);
        }
    }

    private StageException unavailable(Duration within, @Nullable Throwable cause) {
        if (cause != null) {
            StageException failure = Futures.failure(cause, this);
            if (failure.code() != FailureCode.BROKER_UNAVAILABLE) {
                return failure;
            }
        }
        return new StageException(
                FailureCode.BROKER_UNAVAILABLE,
                "no Kafka broker answers at %s within %d s (%s); check the address (--bootstrap, or bootstrap.servers in the file of --kafka-config), that the broker runs, and that security.protocol is what its port speaks"
                        .formatted(bootstrap, within.toSeconds(), cause),
                cause);
    }

    /** Makes a client; settings that it refuses are named. */
    <T> T client(java.util.function.Supplier<T> maker) {
        try {
            return maker.get();
        } catch (KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "no Kafka client for %s: %s; check --bootstrap and --kafka-config"
                            .formatted(bootstrap, cause.getMessage()),
                    e);
        }
    }
}
