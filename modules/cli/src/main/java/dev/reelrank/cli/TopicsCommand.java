package dev.reelrank.cli;

import dev.reelrank.bus.TopicSetup;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The topics, for people who know Kafka. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "Lists, creates, repairs and reads topics.")
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
