package dev.reelrank.testsupport;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

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
        var broker = new OneBroker(folder);
        var settings =
                broker.settings(
                        "SASL_PLAINTEXT",
                        "PLAIN",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\" password=\"admin\" user_admin=\"admin\" user_guest=\"guest\";");
        return new SecuredBroker(broker.start(settings, List.of()), broker.bootstrap());
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

    @Override
    public void close() {
        OneBroker.end(process);
    }
}
