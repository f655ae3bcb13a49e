package dev.reelrank.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.codec.RandomEvents;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.stage.Stages;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BrokerFixture.class)
class TopicSetupIT {
    @Test
    void shouldCreateEveryTopicWithTheSamePartitionsAndOneForQueues(Connection connection) {
        var setup = new TopicSetup(connection);

        setup.ensure(3);
        setup.ensure(5);

        var partitions = new HashMap<String, Integer>();
        setup.states().forEach((name, topic) -> partitions.put(name, topic.partitions()));
        assertThat(setup.states().values())
                .allSatisfy(topic -> assertThat(topic.inSync()).isEqualTo(topic.replicas()));
        Topics topics = connection.topics();
        assertThat(partitions).hasSize(topics.all().size());
        for (TopicSpec spec : topics.all()) {
            assertThat(partitions).containsEntry(spec.name(), spec.keyed() ? 3 : 1);
        }
        assertThat(partitions)
                .containsEntry(topics.work(StageName.PROMPT), 1)
                .containsEntry(topics.facts(StageName.TUNE), 1)
                .containsEntry(topics.results(StageName.GRADE), 3);
    }

    @Test
    void shouldSayThatAClusterWithoutAnAuthorizerKeepsNoRights(Connection connection) {
        var rights = List.of(Right.topic("submissions", AclOperation.WRITE));

        assertThatThrownBy(() -> Rights.grant(connection, rights, "User:fox"))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("keeps no rights")
                .hasMessageContaining("authorizer.class.name");
    }

    @Test
    void shouldNameWhatIsMissing(Connection connection) {
        assertThatThrownBy(() -> new TopicSetup(connection).check())
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.TOPIC_MISCONFIGURED))
                .hasMessageContaining(connection.topics().samples() + " does not exist")
                .hasMessageContaining("topics create");
    }

    @Test
    void shouldNameWrongPartitionsAndSettingsAndRepairTheLatter(Connection connection)
            throws Exception {
        Topics topics = connection.topics();
        var setup = new TopicSetup(connection);
        try (var admin = connection.admin()) {
            var queue = new NewTopic(topics.work(StageName.GRADE), 3, (short) 1);
            admin.createTopics(List.of(queue)).all().get();
            assertThatThrownBy(() -> setup.ensure(2))
                    .hasMessageContaining("work.grade has 3 partitions but must have 1")
                    .hasMessageContaining("work.grade has retention.ms=604800000, it must be -1")
                    .hasMessageContaining("work.grade has message.timestamp.type=CreateTime");
            admin.deleteTopics(List.of(queue.name())).all().get();
            setup.ensure(2);

            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topics.runs());
            var change =
                    new AlterConfigOp(
                            new ConfigEntry("cleanup.policy", "delete"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
            assertThatThrownBy(setup::check)
                    .hasMessageContaining("runs has cleanup.policy=delete, it must be compact")
                    .hasMessageContaining("topics repair");
            setup.repair();
            setup.check();

            admin.createPartitions(Map.of(topics.samples(), NewPartitions.increaseTo(4)))
                    .all()
                    .get();
            assertThatThrownBy(setup::check)
                    .hasMessageContaining("keyed topics must have the same number of partitions")
                    .hasMessageContaining("4=[" + topics.samples() + "]");
        }
    }

    @Test
    void shouldRouteADeadLetterWithoutWorkByTheRecordItWasMadeOf() {
        var topics = new Topics("team.", Stages.STANDARD);
        var at = Instant.EPOCH;
        var code = FailureCode.UNDECODABLE;
        for (var expected :
                Map.of(
                                "team.work.grade-0@17", "team.dead.grade",
                                "team.results.prompt-3@0", "team.dead.prompt",
                                "team.submissions-1@5", "team.dead.prompt",
                                "team.selections-0@5", "team.dead.tune")
                        .entrySet()) {
            String source = expected.getKey();
            var letter =
                    new DeadLetter(null, code, "m", null, 1, List.of(), null, null, source, at);
            assertThat(topics.route(letter)).isEqualTo(new Route(expected.getValue(), source));
        }
    }

    @Test
    void shouldRouteEveryEventToATopicThatIsThere(Connection connection) {
        Topics topics = connection.topics();
        var names = new HashSet<String>();
        topics.all().forEach(spec -> names.add(spec.name()));

        for (Event event : new RandomEvents(7).oneOfEach()) {
            if (event instanceof DeadLetter letter && letter.work() == null) {
                assertThatThrownBy(() -> topics.route(event))
                        .isInstanceOf(IllegalArgumentException.class);
            } else {
                assertThat(names).contains(topics.route(event).topic());
            }
        }
    }
}
