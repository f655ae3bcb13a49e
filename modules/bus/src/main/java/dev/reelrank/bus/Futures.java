package dev.reelrank.bus;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

/** Waits for the answers of the cluster and gives its failures a code. */
final class Futures {
    private Futures() {}

    static <T> T await(KafkaFuture<T> future, Connection connection) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e.getCause(), connection);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(e, connection);
        }
    }

    static StageException failure(Throwable cause, Connection connection) {
        if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
            return new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the Kafka cluster at %s rejects this client (%s); check the credentials in --kafka-config and the rights of this user"
                            .formatted(connection.bootstrap(), cause.getMessage()),
                    cause);
        }
        return new StageException(
                FailureCode.BROKER_UNAVAILABLE,
                "a request to the Kafka cluster at %s failed: %s"
                        .formatted(connection.bootstrap(), cause),
                cause);
    }
}
