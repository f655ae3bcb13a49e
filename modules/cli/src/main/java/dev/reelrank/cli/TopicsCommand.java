package dev.reelrank.cli;

import dev.reelrank.bus.Rights;
import dev.reelrank.bus.Role;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.client.mirror.FactMirror;
import dev.reelrank.client.mirror.MirrorForm;
import dev.reelrank.client.mirror.SchemaRegistry;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.Stages;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The topics, for people who know Kafka. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description =
                "Lists, creates, checks, repairs, reads and copies topics; prints the rights that programs need.")
final class TopicsCommand {
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the topics, their partitions and replicas.")
    int list(@Mixin FarmOptions farm) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.connect(data, farm.brokerOnly(data))) {
            System.out.println("# " + session.connection().bootstrap());
            new TopicSetup(session.connection())
                    .states()
                    .forEach(
                            (name, topic) ->
                                    System.out.printf(
                                            "%-24s %2d partitions, %d of %d replicas in sync%n",
                                            name,
                                            topic.partitions(),
                                            topic.inSync(),
                                            topic.replicas()));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Creates missing topics on your own cluster and checks all topics.")
    int create(
            @Mixin FarmOptions farm,
            @Option(
                            names = "--partitions",
                            paramLabel = "N",
                            defaultValue = "4",
                            description =
                                    "Partitions of the keyed topics. Default: ${DEFAULT-VALUE}")
                    int partitions) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.connect(data, farm.brokerOnly(data))) {
            new TopicSetup(session.connection()).ensure(partitions);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Checks that all topics are there with the right settings; changes nothing. Exit code 2 names every problem.")
    int check(@Mixin FarmOptions farm) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.connect(data, farm.brokerOnly(data))) {
            var setup = new TopicSetup(session.connection());
            setup.requireThere();
            setup.check();
            System.out.println("all topics are right");
            return ExitCode.OK;
        }
    }

    @Command(
            name = "rights",
            mixinStandardHelpOptions = true,
            description =
                    "Prints the least rights of a role, as options of kafka-acls.sh --add, or grants them.")
    int rights(
            @Mixin FarmOptions farm,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description =
                                    "reader, submitter, json-submitter, studio, worker, flow or topics.")
                    String role,
            @Option(
                            names = "--user",
                            required = true,
                            paramLabel = "NAME",
                            description = "The user, as the cluster knows it.")
                    String user,
            @Option(
                            names = "--stage",
                            paramLabel = "STAGE",
                            description =
                                    "Of a worker: its stages, repeatable. Default: all of a sample.")
                    @Nullable List<String> stages,
            @Option(
                            names = "--prefix",
                            paramLabel = "PREFIX",
                            description = "The topic.prefix of the farm, without --grant.")
                    @Nullable String prefix,
            @Option(
                            names = "--grant",
                            description =
                                    "Grant them, with the rights of --kafka-config, instead of printing them.")
                    boolean grant) {
        Role chosen = role(role);
        String principal = user.contains(":") ? user : "User:" + user;
        if (!grant) {
            var topics = new Topics(prefix == null ? "" : prefix, Stages.STANDARD);
            new Rights(topics)
                    .of(chosen, stages(topics, stages))
                    .forEach(right -> System.out.println(right.options(principal)));
            return ExitCode.OK;
        }
        DataFolder data = farm.dataFolder();
        try (var session = Session.connect(data, farm.brokerOnly(data))) {
            var topics = session.topics();
            Rights.grant(
                    session.connection(),
                    new Rights(topics).of(chosen, stages(topics, stages)),
                    principal);
            System.out.println(principal + " has the rights of a " + chosen.id());
            return ExitCode.OK;
        }
    }

    private static Role role(String id) {
        for (Role role : Role.values()) {
            if (role.id().equals(id)) {
                return role;
            }
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "there is no role '%s'; there are %s"
                        .formatted(id, Stream.of(Role.values()).map(Role::id).toList()));
    }

    private static List<StageName> stages(Topics topics, @Nullable List<String> ids) {
        if (ids == null) {
            return topics.stages().ofSample();
        }
        var known = topics.stages().names();
        for (String id : ids) {
            if (known.stream().noneMatch(stage -> stage.id().equals(id))) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "there is no stage '%s'; there are %s"
                                .formatted(id, known.stream().map(StageName::id).toList()));
            }
        }
        return known.stream().filter(stage -> ids.contains(stage.id())).toList();
    }

    @Command(
            name = "mirror",
            mixinStandardHelpOptions = true,
            description =
                    "Copies facts, outcomes and dead letters to topics for other clients: as JSON, or with --registry as a schema registry's clients read Avro. Runs until Ctrl-C; several share the work.")
    int mirror(
            @Mixin FarmOptions farm,
            @Option(
                            names = "--registry",
                            paramLabel = "URL",
                            description =
                                    "Address of a schema registry with Confluent's interface, for example http://registry:8081. Credentials: REELRANK_REGISTRY_AUTH=user:password. Default: none, copies are JSON.")
                    @Nullable String registry,
            @Option(
                            names = "--to",
                            paramLabel = "PREFIX",
                            description =
                                    "What the names of the copies begin with. Default: json., with --registry avro.")
                    @Nullable String to,
            @Option(names = "--once", description = "Copy what is there now, and end.")
                    boolean once) {
        DataFolder data = farm.dataFolder();
        var codec = new EventCodec();
        MirrorForm form =
                registry == null
                        ? MirrorForm.json(codec, Json::line)
                        : MirrorForm.registry(
                                codec,
                                new SchemaRegistry(
                                        registry, System.getenv("REELRANK_REGISTRY_AUTH")));
        String prefix = to != null ? to : registry == null ? "json." : "avro.";
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            var copied = new AtomicLong();
            var mirror =
                    new FactMirror(
                            session.connection(),
                            prefix,
                            UUID.randomUUID().toString(),
                            form,
                            copied::addAndGet);
            mirror.createTopics();
            mirror.names().forEach((from, copy) -> System.err.println(from + " -> " + copy));
            if (once) {
                mirror.runToEnd();
                System.err.println(copied + " records copied");
            } else {
                mirror.run();
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "repair",
            mixinStandardHelpOptions = true,
            description = "Corrects the settings of topics; deletes nothing.")
    int repair(@Mixin FarmOptions farm) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.connect(data, farm.brokerOnly(data))) {
            new TopicSetup(session.connection()).repair();
            return ExitCode.OK;
        }
    }

    @Command(
            name = "read",
            mixinStandardHelpOptions = true,
            description =
                    "Prints a topic's committed events, one JSON document per line (key, offset and event). kcat cannot decode them.")
    int read(
            @Mixin FarmOptions farm,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(names = "--run", paramLabel = "ID", description = "Only of this run.")
                    @Nullable String run,
            @Option(names = "--follow", description = "Follow the topic.") boolean follow) {
        DataFolder data = farm.dataFolder();
        try (var session = Session.open(data, farm.brokerOnly(data));
                var reader =
                        run == null
                                ? session.reader(List.of(topic))
                                : session.reader(List.of(topic)).onlyRun(run)) {
            reader.readToEnd(stored -> System.out.println(Json.line(stored)));
            while (follow) {
                reader.poll(Duration.ofSeconds(1))
                        .forEach(stored -> System.out.println(Json.line(stored)));
            }
            return ExitCode.OK;
        }
    }
}
