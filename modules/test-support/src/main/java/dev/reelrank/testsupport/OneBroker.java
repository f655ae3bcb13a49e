package dev.reelrank.testsupport;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/** The process of a broker that asks who a client is and what it may do, whatever the login. */
final class OneBroker {
    private final Path folder;
    private final int port = freePort();

    /**
     * @param folder an empty folder for its data and its log, {@code broker.log}
     */
    OneBroker(Path folder) {
        this.folder = folder;
    }

    String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /**
     * What all of them have in common.
     *
     * @param protocol of clients, for example SASL_SSL
     * @param mechanism of their login, for example PLAIN
     * @param login the settings of the broker's own login
     */
    Properties settings(String protocol, String mechanism, String login) {
        int controller = freePort();
        var p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", "1");
        p.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
        p.put(
                "listeners",
                "%s://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                        .formatted(protocol, port, controller));
        p.put("controller.listener.names", "CONTROLLER");
        p.put(
                "listener.security.protocol.map",
                "%s:%s,CONTROLLER:PLAINTEXT".formatted(protocol, protocol));
        p.put("inter.broker.listener.name", protocol);
        p.put("sasl.enabled.mechanisms", mechanism);
        p.put("sasl.mechanism.inter.broker.protocol", mechanism);
        p.put(
                "listener.name.%s.%s.sasl.jaas.config"
                        .formatted(
                                protocol.toLowerCase(Locale.ROOT),
                                mechanism.toLowerCase(Locale.ROOT)),
                login);
        p.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        p.put("super.users", "User:admin;User:ANONYMOUS");
        p.put("log.dirs", data().toString());
        for (String topic :
                List.of(
                        "offsets.topic",
                        "transaction.state.log",
                        "share.coordinator.state.topic")) {
            p.put(topic + ".replication.factor", "1");
            p.put(topic + ".num.partitions", "1");
        }
        p.put("transaction.state.log.min.isr", "1");
        p.put("share.coordinator.state.topic.min.isr", "1");
        p.put("group.initial.rebalance.delay.ms", "0");
        return p;
    }

    /**
     * Formats its data folder and starts it.
     *
     * @param credentials of users that the broker itself keeps; empty where the login has them
     */
    Process start(Properties properties, List<String> credentials) throws Exception {
        Path settings = folder.resolve("server.properties");
        try (var out = Files.newBufferedWriter(settings, StandardCharsets.UTF_8)) {
            properties.store(out, null);
        }
        format(credentials);
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx384m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "kafka.Kafka",
                                settings.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("broker.log").toFile())
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    /** Ends it, by force if it takes longer than ten seconds. */
    static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private Path data() {
        return folder.resolve("kafka");
    }

    private void format(List<String> credentials) throws Exception {
        var quiet = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        var formatter =
                new Formatter()
                        .setNodeId(1)
                        .setClusterId(Uuid.randomUuid().toString())
                        .setControllerListenerName("CONTROLLER")
                        .setMetadataLogDirectory(data().toString())
                        .addDirectory(data().toString())
                        .setPrintStream(quiet);
        if (!credentials.isEmpty()) {
            formatter.setScramArguments(credentials);
        }
        formatter.run();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
