package dev.reelrank.bus;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.jspecify.annotations.Nullable;

/** Waits for the answers of the cluster and gives its failures a code. */
final class Futures {
    private Futures() {}

    /**
     * Waits for an answer.
     *
     * @param right what the call needs, as Kafka calls it: for example {@code Describe on topic x}
     */
    static <T> T await(KafkaFuture<T> future, Connection connection, String right) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e.getCause(), connection, right);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(e, connection, right);
        }
    }

    /** The failure of a client that says by itself what it lacks. */
    static StageException failure(@Nullable Throwable cause, Connection connection) {
        return failure(cause, connection, "");
    }

    /**
     * INVALID_CONFIG if the cluster refuses this client, which trying again does not change; else
     * BROKER_UNAVAILABLE.
     *
     * @param right what the call needed; empty if the exception says it
     */
    static StageException failure(@Nullable Throwable cause, Connection connection, String right) {
        for (Throwable e = cause; e != null; e = e.getCause()) {
            if (e instanceof AuthenticationException) {
                return new StageException(
                        FailureCode.INVALID_CONFIG,
                        "the Kafka cluster at %s does not accept this client's identity: %s; check user, password, certificates and security.protocol in the file of --kafka-config"
                                .formatted(connection.bootstrap(), e.getMessage()),
                        cause);
            }
            if (e instanceof SecurityDisabledException) {
                return new StageException(
                        FailureCode.INVALID_CONFIG,
                        "the Kafka cluster at %s keeps no rights, so everybody who reaches it may do everything; set authorizer.class.name on its brokers first"
                                .formatted(connection.bootstrap()),
                        cause);
            }
            if (e instanceof AuthorizationException denied) {
                return new StageException(
                        FailureCode.INVALID_CONFIG,
                        "the Kafka cluster at %s knows this client, but the client lacks the right %s (%s); docs/operations.md lists the rights of each program: grant them, or name another user in the file of --kafka-config"
                                .formatted(
                                        connection.bootstrap(),
                                        right.isEmpty() ? "for " + resource(denied) : right,
                                        e.getMessage()),
                        cause);
            }
        }
        return new StageException(
                FailureCode.BROKER_UNAVAILABLE,
                "a request to the Kafka cluster at %s failed: %s"
                        .formatted(connection.bootstrap(), cause),
                cause);
    }

    private static String resource(AuthorizationException denied) {
        if (denied instanceof TopicAuthorizationException e) {
            return "topic " + String.join(", ", e.unauthorizedTopics());
        }
        if (denied instanceof GroupAuthorizationException e) {
            return "group " + e.groupId();
        }
        if (denied instanceof TransactionalIdAuthorizationException) {
            return "its transactional id";
        }
        return denied instanceof ClusterAuthorizationException ? "the cluster" : "a resource";
    }
}
