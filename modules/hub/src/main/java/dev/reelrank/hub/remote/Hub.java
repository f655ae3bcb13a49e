package dev.reelrank.hub.remote;

import dev.reelrank.hub.content.PartialContent;
import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A hub with its mirrors. What one endpoint cannot give is asked of the next; the hashes of the
 * listing decide whether it is the same. May be used by several threads.
 */
public final class Hub implements AutoCloseable {
    /** An attempt that brought at least so many bytes forward does not count as a failure. */
    private static final long PROGRESS = 1 << 20;

    private final List<HubClient> clients;
    private final Patience patience;
    private final Consumer<String> say;

    private Hub(List<HubClient> clients, Patience patience, Consumer<String> say) {
        this.clients = clients;
        this.patience = patience;
        this.say = say;
    }

    /**
     * Opens no connection yet.
     *
     * @param say takes a line for the user, for example about a wait
     */
    public static Hub of(HubSettings settings, Consumer<String> say) {
        return new Hub(
                settings.endpoints().stream().map(e -> new HubClient(e, settings)).toList(),
                settings.patience(),
                say);
    }

    /**
     * The commit that a revision means now, 40 hex digits.
     *
     * @throws StageException MODEL_MISSING if there is no such repository or revision for this
     *     user, ENDPOINT_UNAVAILABLE if no endpoint answers
     */
    public String commit(String repository, String revision) throws InterruptedException {
        return ask(repository, client -> client.commit(repository, revision));
    }

    /**
     * The files of a commit.
     *
     * @throws StageException as {@link #commit}
     */
    public List<RepositoryFile> files(String repository, String commit)
            throws InterruptedException {
        return ask(repository, client -> client.files(repository, commit));
    }

    /**
     * Asks for a file without taking it.
     *
     * @throws StageException MODEL_MISSING that says what to do, if this user may not read it
     */
    public void requireAccess(String repository, String commit, RepositoryFile file)
            throws InterruptedException {
        ask(
                repository,
                client -> {
                    client.requireAccess(repository, commit, file);
                    return true;
                });
    }

    /**
     * Brings what is missing of a file, until its hash is right.
     *
     * @param moved takes the bytes of each step; a negative number where bytes were dropped
     * @throws StageException MODEL_MISMATCH if what comes is another file, MODEL_MISSING if this
     *     user may not read it, ENDPOINT_UNAVAILABLE if transfers keep breaking off
     */
    public void download(
            String repository,
            String commit,
            RepositoryFile file,
            PartialContent part,
            LongConsumer moved)
            throws InterruptedException {
        overEndpoints(
                client -> {
                    new Transfer(client, repository, commit, file, part, moved)
                            .run(retries(client, repository + " " + file.path()));
                    return true;
                });
    }

    private interface Question<T> {
        T ask(HubClient client) throws IOException, InterruptedException;
    }

    private interface Step<T> {
        T make(HubClient client) throws InterruptedException;
    }

    private <T> T ask(String repository, Question<T> question) throws InterruptedException {
        return overEndpoints(client -> retries(client, repository).run(() -> question.ask(client)));
    }

    private Retries retries(HubClient client, String what) {
        return new Retries(what + " at " + client.host(), patience, say);
    }

    private <T> T overEndpoints(Step<T> step) throws InterruptedException {
        StageException first = null;
        for (HubClient client : clients) {
            try {
                return step.make(client);
            } catch (StageException e) {
                if (e.code() == FailureCode.OUT_OF_DISK) {
                    throw e;
                }
                first = joined(first, e);
            }
        }
        throw java.util.Objects.requireNonNull(first, "there is no endpoint");
    }

    /** The hub's own answer is the one to act on; those of mirrors are added. */
    private static StageException joined(@Nullable StageException first, StageException next) {
        return first == null
                ? next
                : new StageException(
                        first.code(), first.getMessage() + "; and " + next.getMessage(), first);
    }

    @Override
    public void close() {
        clients.forEach(HubClient::close);
    }

    static boolean isProgress(long before, long after) {
        return after - before >= PROGRESS;
    }
}
