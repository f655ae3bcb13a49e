package dev.reelrank.testsupport;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A Kafka broker that asks for a user and a password (SASL PLAIN) and grants rights, as clusters of
 * several teams do. The users are {@code admin}, who may do everything, and {@code guest}, who may
 * do what was granted; each one's password is its name.
 */
public final class SecuredBroker implements AutoCloseable {
    private final Process process;
    private final String bootstrap;

    private SecuredBroker(Process process, String bootstrap) {
        this.process = process;
        this.bootstrap = bootstrap;
    }

    /**
     * Starts one; its first answer takes some seconds, which clients wait.
     *
     * @param folder an empty folder for its data and its log, {@code broker.log}
     */
    public static SecuredBroker start(Path folder) throws Exception {
        int port = freePort();
        int controller = freePort();
        var p = new Properties();
        p.put("process.roles", "broker,controller");
        p.put("node.id", "1");
        p.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
        p.put(
                "listeners",
                "SASL_PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                        .formatted(port, controller));
        p.put("controller.listener.names", "CONTROLLER");
        p.put(
                "listener.security.protocol.map",
                "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.put("inter.broker.listener.name", "SASL_PLAINTEXT");
        p.put("sasl.enabled.mechanisms", "PLAIN");
        p.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        p.put(
                "listener.name.sasl_plaintext.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\" password=\"admin\" user_admin=\"admin\" user_guest=\"guest\";");
        p.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        p.put("super.users", "User:admin;User:ANONYMOUS");
        p.put("log.dirs", folder.resolve("kafka").toString());
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
        Path settings = folder.resolve("server.properties");
        try (var out = Files.newBufferedWriter(settings, StandardCharsets.UTF_8)) {
            p.store(out, null);
        }
        format(folder.resolve("kafka"));
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
        return new SecuredBroker(process, "127.0.0.1:" + port);
    }

    public String bootstrap() {
        return bootstrap;
    }

    /** A client's settings, as in the file of {@code --kafka-config}, without the address. */
    public static Map<String, String> settings(String user, String password) {
        return Map.of(
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                        .formatted(user, password));
    }

    /** Grants the guest operations on everything of a type whose name begins like this. */
    public void grant(ResourceType type, String prefix, AclOperation... operations)
            throws ExecutionException, InterruptedException {
        var bindings =
                List.of(operations).stream()
                        .map(
                                operation ->
                                        new AclBinding(
                                                new ResourcePattern(
                                                        type, prefix, PatternType.PREFIXED),
                                                new AccessControlEntry(
                                                        "User:guest",
                                                        "*",
                                                        operation,
                                                        AclPermissionType.ALLOW)))
                        .toList();
        create(bindings);
    }

    private void create(Collection<AclBinding> bindings)
            throws ExecutionException, InterruptedException {
        Map<String, Object> properties = new HashMap<>(settings("admin", "admin"));
        properties.put("bootstrap.servers", bootstrap);
        try (var admin = Admin.create(properties)) {
            admin.createAcls(bindings).all().get();
        }
    }

    private static void format(Path data) throws Exception {
        var quiet = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        new Formatter()
                .setNodeId(1)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(data.toString())
                .addDirectory(data.toString())
                .setPrintStream(quiet)
                .run();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
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
}
