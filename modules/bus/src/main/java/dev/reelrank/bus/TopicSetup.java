package dev.reelrank.bus;

import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Creates the topics, and finds what is wrong with those that are there. */
public final class TopicSetup {
    /** Partitions of a keyed topic where nothing else is said. */
    public static final int DEFAULT_PARTITIONS = 4;

    /** Within this time every broker knows a topic that was just created, on busy machines too. */
    private static final Duration METADATA_SPREADS = Duration.ofSeconds(60);

    private final Connection connection;
    private final List<TopicSpec> specs;

    public TopicSetup(Connection connection) {
        this.connection = connection;
        this.specs = connection.topics().all();
    }

    /**
     * Creates the topics that are missing and checks all. Several processes may do this at once.
     *
     * @param partitions of the keyed topics; where some exist already, their number is taken
     *     instead
     * @throws StageException TOPIC_MISCONFIGURED with every problem and its remedy;
     *     BROKER_UNAVAILABLE
     */
    public void ensure(int partitions) {
        try (Admin admin = connection.admin()) {
            Map<String, TopicDescription> there = describe(admin);
            int keyed =
                    specs.stream()
                            .filter(TopicSpec::keyed)
                            .map(s -> there.get(s.name()))
                            .filter(Objects::nonNull)
                            .map(t -> t.partitions().size())
                            .findFirst()
                            .orElse(partitions);
            for (TopicSpec spec : specs) {
                if (!there.containsKey(spec.name())) {
                    create(admin, spec, spec.keyed() ? keyed : 1);
                }
            }
            awaitVisible(admin);
            refuse(problems(admin));
        }
    }

    /**
     * Creates topics like others of the farm, unless they are there.
     *
     * @param names of the originals, which must be there
     * @param copy names the copy of an original
     */
    public void createCopies(Collection<String> names, UnaryOperator<String> copy) {
        requireThere();
        try (Admin admin = connection.admin()) {
            Map<String, TopicDescription> there = describe(admin);
            for (TopicSpec spec : specs) {
                TopicDescription original = there.get(spec.name());
                if (names.contains(spec.name()) && original != null) {
                    create(
                            admin,
                            new TopicSpec(copy.apply(spec.name()), spec.keyed(), spec.config()),
                            original.partitions().size());
                }
            }
        }
    }

    /** A broker answers with the old metadata for a moment after it has created a topic. */
    private void awaitVisible(Admin admin) {
        Deadline limit = Deadline.in(METADATA_SPREADS);
        while (describe(admin).size() < specs.size() && !limit.passed()) {
            pause();
        }
    }

    /**
     * Checks without changing anything.
     *
     * @throws StageException TOPIC_MISCONFIGURED with every problem and its remedy;
     *     BROKER_UNAVAILABLE
     */
    public void check() {
        try (Admin admin = connection.admin()) {
            refuse(problems(admin));
        }
    }

    /**
     * Checks that every topic exists. It needs no other right than to describe them.
     *
     * @throws StageException TOPIC_MISCONFIGURED with those that are missing; INVALID_CONFIG if the
     *     cluster refuses this client; BROKER_UNAVAILABLE
     */
    public void requireThere() {
        try (Admin admin = connection.admin()) {
            var there = describe(admin).keySet();
            var missing =
                    specs.stream().map(TopicSpec::name).filter(n -> !there.contains(n)).toList();
            if (!missing.isEmpty()) {
                throw new StageException(
                        FailureCode.TOPIC_MISCONFIGURED,
                        "the Kafka cluster at %s has no topic %s; start flow, which creates them, or create them with: reelrank topics create"
                                .formatted(connection.bootstrap(), String.join(", ", missing)));
            }
        }
    }

    /** Sets the settings of topics that are there to what they have to be. Deletes nothing. */
    public void repair() {
        try (Admin admin = connection.admin()) {
            Map<String, Config> configs = configs(admin, describe(admin).keySet());
            var changes = new HashMap<ConfigResource, Collection<AlterConfigOp>>();
            for (TopicSpec spec : specs) {
                Config actual = configs.get(spec.name());
                if (actual == null) {
                    continue;
                }
                var operations = new ArrayList<AlterConfigOp>();
                spec.config()
                        .forEach(
                                (name, value) -> {
                                    if (!value.equals(actual.get(name).value())) {
                                        operations.add(
                                                new AlterConfigOp(
                                                        new ConfigEntry(name, value),
                                                        AlterConfigOp.OpType.SET));
                                    }
                                });
                if (!operations.isEmpty()) {
                    changes.put(topic(spec.name()), operations);
                }
            }
            if (!changes.isEmpty()) {
                wait(admin.incrementalAlterConfigs(changes).all(), "AlterConfigs on its topics");
            }
        }
    }

    /**
     * A topic as it is.
     *
     * @param replicas of each partition, the fewest
     * @param inSync replicas that have everything, of the partition that has the fewest
     */
    public record TopicState(int partitions, int replicas, int inSync) {}

    /**
     * Every topic that is there.
     *
     * @throws StageException BROKER_UNAVAILABLE
     */
    public Map<String, TopicState> states() {
        try (Admin admin = connection.admin()) {
            var states = new TreeMap<String, TopicState>();
            describe(admin).forEach((name, d) -> states.put(name, state(d)));
            return states;
        }
    }

    private static TopicState state(TopicDescription topic) {
        int replicas = Integer.MAX_VALUE;
        int inSync = Integer.MAX_VALUE;
        for (TopicPartitionInfo partition : topic.partitions()) {
            replicas = Math.min(replicas, partition.replicas().size());
            inSync = Math.min(inSync, partition.isr().size());
        }
        return new TopicState(topic.partitions().size(), replicas, inSync);
    }

    private static void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new StageException(
                    FailureCode.TOPIC_MISCONFIGURED,
                    "the topics are not configured correctly:\n  " + String.join("\n  ", problems));
        }
    }

    private List<String> problems(Admin admin) {
        var problems = new ArrayList<String>();
        Map<String, TopicDescription> there = describe(admin);
        Map<String, Config> configs = configs(admin, there.keySet());
        var counts = new TreeMap<Integer, List<String>>();
        for (TopicSpec spec : specs) {
            TopicDescription description = there.get(spec.name());
            if (description == null) {
                problems.add(
                        spec.name() + " does not exist; create it with: reelrank topics create");
                continue;
            }
            int count = description.partitions().size();
            if (spec.keyed()) {
                counts.computeIfAbsent(count, n -> new ArrayList<>()).add(spec.name());
            } else if (count != 1) {
                problems.add(
                        "%s has %d partitions but must have 1 (with several partitions, a share group leaves members idle); delete it when it is empty and create it again"
                                .formatted(spec.name(), count));
            }
            compare(spec, Objects.requireNonNull(configs.get(spec.name())), problems);
        }
        if (counts.size() > 1) {
            problems.add(
                    "keyed topics must have the same number of partitions, but have "
                            + counts
                            + "; increase the smaller ones with kafka-topics --alter --partitions while they have no records, or use another topic.prefix");
        }
        return problems;
    }

    private static void compare(TopicSpec spec, Config actual, List<String> problems) {
        new TreeMap<>(spec.config())
                .forEach(
                        (name, value) -> {
                            String found = actual.get(name).value();
                            if (!value.equals(found)) {
                                problems.add(
                                        "%s has %s=%s, it must be %s; set it with: reelrank topics repair"
                                                .formatted(spec.name(), name, found, value));
                            }
                        });
    }

    private void create(Admin admin, TopicSpec spec, int partitions) {
        var topic = new NewTopic(spec.name(), Optional.of(partitions), Optional.empty());
        topic.configs(spec.config());
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            // Another process was faster.
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw failure(
                        e.getCause(),
                        "Create on topic %s or on the cluster".formatted(spec.name()));
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** The topics that exist. */
    private Map<String, TopicDescription> describe(Admin admin) {
        var found = new HashMap<String, TopicDescription>();
        var names = specs.stream().map(TopicSpec::name).toList();
        admin.describeTopics(names)
                .topicNameValues()
                .forEach(
                        (name, future) -> {
                            try {
                                found.put(name, future.get());
                            } catch (ExecutionException e) {
                                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                                    throw failure(e.getCause(), "Describe on topic " + name);
                                }
                            } catch (InterruptedException e) {
                                throw interrupted(e);
                            }
                        });
        return found;
    }

    private Map<String, Config> configs(Admin admin, Collection<String> names) {
        var resources = names.stream().map(TopicSetup::topic).toList();
        Deadline limit = Deadline.in(METADATA_SPREADS);
        while (true) {
            try {
                return byName(admin.describeConfigs(resources).all().get());
            } catch (ExecutionException e) {
                // Of several brokers, the one that is asked may not have heard of a new topic yet.
                boolean early = e.getCause() instanceof UnknownTopicOrPartitionException;
                if (!early || limit.passed()) {
                    throw failure(e.getCause(), "DescribeConfigs on its topics");
                }
                pause();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private static Map<String, Config> byName(Map<ConfigResource, Config> found) {
        var configs = new HashMap<String, Config>();
        found.forEach((resource, config) -> configs.put(resource.name(), config));
        return configs;
    }

    private void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private <T> T wait(KafkaFuture<T> future, String right) {
        return Futures.await(future, connection, right);
    }

    private StageException failure(@Nullable Throwable cause, String right) {
        return Futures.failure(cause, connection, right);
    }

    private StageException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return failure(e, "");
    }
}
