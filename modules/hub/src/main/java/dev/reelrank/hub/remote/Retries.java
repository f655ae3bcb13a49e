package dev.reelrank.hub.remote;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Counts the failures of one thing that is asked for, and waits between attempts. */
final class Retries {
    private final String what;
    private final Patience patience;
    private final Consumer<String> say;
    private int failures;

    /**
     * Begins to count.
     *
     * @param what is asked for and where, for messages
     * @param say takes a line for the user when a wait is long
     */
    Retries(String what, Patience patience, Consumer<String> say) {
        this.what = what;
        this.patience = patience;
        this.say = say;
    }

    /** One attempt. */
    interface Attempt<T> {
        T make() throws IOException, InterruptedException;
    }

    /** Makes attempts until one succeeds. */
    <T> T run(Attempt<T> attempt) throws InterruptedException {
        while (true) {
            try {
                return attempt.make();
            } catch (IOException e) {
                pause(e, false);
            }
        }
    }

    /**
     * Waits before the next attempt.
     *
     * @param progressed whether the failed attempt brought the work forward: then it does not count
     *     against the others
     * @throws StageException ENDPOINT_UNAVAILABLE if it is time to give up
     */
    void pause(IOException failure, boolean progressed) throws InterruptedException {
        failures = progressed ? 1 : failures + 1;
        if (failure instanceof SSLHandshakeException) {
            throw new StageException(
                    FailureCode.ENDPOINT_UNAVAILABLE,
                    what
                            + ": no trusted connection ("
                            + failure.getMessage()
                            + "). If a proxy of your network replaces certificates, give its certificate to Java (-Djavax.net.ssl.trustStore in JAVA_TOOL_OPTIONS)",
                    failure);
        }
        if (failures >= patience.attempts()) {
            throw new StageException(
                    FailureCode.ENDPOINT_UNAVAILABLE,
                    "%s: gave up after %d attempts without progress; the last one: %s. What has arrived is kept: run the same command again, or name a mirror with --endpoint"
                            .formatted(what, failures, describe(failure)),
                    failure);
        }
        Duration wait = next(failure);
        if (wait.compareTo(patience.longestPause()) > 0) {
            throw new StageException(
                    FailureCode.ENDPOINT_UNAVAILABLE,
                    "%s: %s and asks for a pause of %d s. Run the same command again after that; a token (HF_TOKEN) raises the limits of anonymous users"
                            .formatted(what, describe(failure), wait.toSeconds()),
                    failure);
        }
        if (wait.toSeconds() >= 3) {
            say.accept(
                    "%s: %s; next attempt in %d s"
                            .formatted(what, describe(failure), wait.toSeconds()));
        }
        Thread.sleep(wait.toMillis());
    }

    private Duration next(IOException failure) {
        if (failure instanceof TryAgain again && again.pause().isPresent()) {
            return again.pause().get().plusMillis(ThreadLocalRandom.current().nextLong(100));
        }
        long base = patience.firstPause().toMillis() << Math.min(failures - 1, 10);
        return Duration.ofMillis(base / 2 + ThreadLocalRandom.current().nextLong(base / 2 + 1));
    }

    /** In the user's words: the client's exceptions often have no message. */
    static String describe(@Nullable Throwable failure) {
        if (failure instanceof TryAgain) {
            return String.valueOf(failure.getMessage());
        }
        if (failure instanceof HttpTimeoutException) {
            return "no answer in time";
        }
        if (failure instanceof java.net.ConnectException) {
            return "no connection";
        }
        // "closed" is what a reader sees; why it was closed stands at the bottom.
        Throwable root = failure;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null || root.getMessage() == null ? String.valueOf(root) : root.getMessage();
    }
}
