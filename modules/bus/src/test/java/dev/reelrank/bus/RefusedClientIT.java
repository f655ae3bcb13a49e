package dev.reelrank.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.testsupport.SecuredBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees whom the cluster does not let in, or not far enough. */
@Timeout(180)
final class RefusedClientIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir static Path folder;
    private static SecuredBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = SecuredBroker.start(folder);
        as("admin", "admin", "").check(PATIENCE);
        new TopicSetup(as("admin", "admin", "seen.")).ensure(1);
        new TopicSetup(as("admin", "admin", "hidden.")).ensure(1);
        broker.grant(ResourceType.TOPIC, "seen.", AclOperation.READ, AclOperation.DESCRIBE);
    }

    @AfterAll
    static void end() {
        broker.close();
    }

    @Test
    void aWrongPasswordEndsAtOnceAndIsCalledThat() {
        var started = System.nanoTime();
        refused(assertThatThrownBy(() -> as("guest", "wrong", "").check(PATIENCE)))
                .hasMessageContaining("does not accept this client's identity")
                .hasMessageContaining("--kafka-config");
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void aMissingRightIsNamedWithItsTopic() {
        refused(
                        assertThatThrownBy(
                                () ->
                                        new TopicSetup(as("guest", "guest", "hidden."))
                                                .requireThere()))
                .hasMessageContaining("lacks the right Describe on topic hidden.")
                .hasMessageContaining("docs/operations.md");
    }

    @Test
    void readingNeedsNoOtherRightsThanReadAndDescribe() {
        var guest = as("guest", "guest", "seen.");
        assertThatCode(() -> new TopicSetup(guest).requireThere()).doesNotThrowAnyException();
        try (var reader =
                new EventReader(guest, new EventCodec(), List.of(guest.topics().runs()))) {
            reader.readToEnd(event -> {});
        }
    }

    @Test
    void aWorkerNeedsNoRightToSeeTheSettingsOfTheCluster() throws Exception {
        broker.grant(
                ResourceType.GROUP,
                "seen.",
                AclOperation.READ,
                AclOperation.DESCRIBE,
                AclOperation.ALTER_CONFIGS);
        var guest = as("guest", "guest", "seen.");
        assertThat(ShareGroup.configure(guest, "seen.group", Duration.ofSeconds(30)))
                .isEqualTo(Duration.ofSeconds(30));
    }

    private static Connection as(String user, String password, String prefix) {
        return new Connection(
                broker.bootstrap(),
                SecuredBroker.settings(user, password),
                prefix,
                Stages.STANDARD);
    }

    private static AbstractThrowableAssert<?, ?> refused(AbstractThrowableAssert<?, ?> thrown) {
        return thrown.isInstanceOfSatisfying(
                StageException.class,
                e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG));
    }
}
