package dev.reelrank.bus;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What a role may do with one topic, group or transactional id, or with those whose names begin
 * alike.
 *
 * @param type topic, group, transactional id or cluster
 * @param name its name, or how the names begin
 * @param prefixed whether the name is only a beginning
 * @param operations as Kafka calls them
 */
public record Right(
        ResourceType type, String name, boolean prefixed, Set<AclOperation> operations) {
    public Right {
        operations = Set.copyOf(operations);
    }

    static Right topic(String name, AclOperation... operations) {
        return new Right(ResourceType.TOPIC, name, false, Set.of(operations));
    }

    static Right group(String name, AclOperation... operations) {
        return new Right(ResourceType.GROUP, name, false, Set.of(operations));
    }

    Right andBeyond() {
        return new Right(type, name, true, operations);
    }

    /** As Kafka stores it: one binding per operation. */
    public Set<AclBinding> bindings(String principal) {
        var pattern =
                new ResourcePattern(
                        type, name, prefixed ? PatternType.PREFIXED : PatternType.LITERAL);
        return operations.stream()
                .map(
                        operation ->
                                new AclBinding(
                                        pattern,
                                        new AccessControlEntry(
                                                principal,
                                                "*",
                                                operation,
                                                AclPermissionType.ALLOW)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The options of Kafka's own {@code kafka-acls.sh --add} that grant it. */
    public String options(String principal) {
        String resource =
                switch (type) {
                    case TOPIC -> "--topic " + name;
                    case GROUP -> "--group " + name;
                    case TRANSACTIONAL_ID -> "--transactional-id " + name;
                    default -> "--cluster";
                };
        var allowed = new TreeSet<String>();
        operations.forEach(o -> allowed.add(o.name()));
        return "--allow-principal %s %s%s %s"
                .formatted(
                        principal,
                        allowed.stream()
                                .map(o -> "--operation " + title(o) + " ")
                                .collect(Collectors.joining()),
                        resource,
                        prefixed ? "--resource-pattern-type prefixed" : "")
                .strip();
    }

    /** ALTER_CONFIGS as AlterConfigs. */
    private static String title(String operation) {
        var title = new StringBuilder();
        for (String word : operation.split("_", -1)) {
            title.append(word.charAt(0))
                    .append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return title.toString();
    }
}
