package dev.reelrank.bus;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import dev.reelrank.pipeline.StageName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The least rights of each role. A test runs a farm with them on a cluster that checks rights, and
 * takes some of them away.
 */
public final class Rights {
    private final Topics topics;

    public Rights(Topics topics) {
        this.topics = topics;
    }

    /**
     * What a role needs.
     *
     * @param stages of a worker; others ignore it
     */
    public List<Right> of(Role role, Collection<StageName> stages) {
        return switch (role) {
            case READER -> reader();
            case SUBMITTER ->
                    submitter(topics.submissions(), topics.selections(), topics.requests());
            case JSON_SUBMITTER -> List.of(Right.topic(topics.jsonSubmissions(), WRITE, DESCRIBE));
            case STUDIO -> submitter(topics.submissions(), topics.selections(), topics.votes());
            case WORKER -> worker(stages);
            case FLOW -> flow();
            case TOPICS -> each(CREATE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS);
        };
    }

    /**
     * Grants a role to a user; what the user has already stays.
     *
     * @param principal for example User:flow
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG without the right to grant;
     *     BROKER_UNAVAILABLE
     */
    public static void grant(Connection connection, Collection<Right> rights, String principal) {
        Set<AclBinding> bindings = new LinkedHashSet<>();
        rights.forEach(right -> bindings.addAll(right.bindings(principal)));
        try (Admin admin = connection.admin()) {
            Futures.await(admin.createAcls(bindings).all(), connection, "Alter on the cluster");
        }
    }

    private List<Right> each(AclOperation... operations) {
        return topics.all().stream().map(spec -> Right.topic(spec.name(), operations)).toList();
    }

    /** Every client makes sure that the topics are there. */
    private List<Right> reader() {
        return each(READ, DESCRIBE);
    }

    private List<Right> submitter(String... written) {
        var rights = new ArrayList<>(reader());
        for (String topic : written) {
            rights.add(Right.topic(topic, WRITE));
        }
        return rights;
    }

    private List<Right> worker(Collection<StageName> stages) {
        var rights = new ArrayList<>(each(DESCRIBE, DESCRIBE_CONFIGS));
        rights.add(Right.topic(topics.progress(), WRITE));
        for (StageName stage : stages) {
            rights.add(Right.topic(topics.work(stage), READ));
            // What was given up is not taken again.
            rights.add(Right.topic(topics.dead(stage), READ));
            rights.add(Right.topic(topics.results(stage), WRITE));
            rights.add(Right.group(topics.group(stage), READ, DESCRIBE, ALTER_CONFIGS));
        }
        return rights;
    }

    private List<Right> flow() {
        // It deletes what it has taken in and what is settled.
        var rights = new ArrayList<>(each(READ, WRITE, CREATE, DELETE, DESCRIBE, DESCRIBE_CONFIGS));
        String own = topics.flowGroup();
        rights.add(
                Right.topic(own + "-", READ, WRITE, CREATE, DELETE, DESCRIBE, DESCRIBE_CONFIGS)
                        .andBeyond());
        rights.add(Right.group(own, READ, DESCRIBE));
        rights.add(Right.group(topics.jsonGroup(), READ, DESCRIBE));
        for (StageName stage : topics.stages().names()) {
            rights.add(Right.group(topics.group(stage), DESCRIBE));
        }
        rights.add(new Right(ResourceType.TRANSACTIONAL_ID, own, true, Set.of(WRITE, DESCRIBE)));
        return rights;
    }
}
