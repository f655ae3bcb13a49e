package dev.reelrank.client.farm;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command's hold on the farm of a data folder: while it is open, broker (and, if asked, flow and
 * workers) are kept running, whichever command started them.
 */
public final class Farm implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Farm.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final DataFolder data;
    private final FarmSpec spec;
    private final Attachment attachment;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "farm");
                        thread.setDaemon(true);
                        return thread;
                    });
    private @Nullable Process started;
    private String trouble = "";

    private Farm(DataFolder data, FarmSpec spec, Attachment attachment) {
        this.data = data;
        this.spec = spec;
        this.attachment = attachment;
    }

    /**
     * Attaches, and starts the supervisor if none works in this data folder.
     *
     * @throws StageException INVALID_CONFIG if another command is attached whose workers cannot
     *     serve this one
     */
    public static Farm attach(DataFolder data, FarmSpec spec) {
        try {
            for (FarmSpec other : Attachment.living(data).values()) {
                spec.requireSharable(other, data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the attachments in " + data.root(), e);
        }
        var farm = new Farm(data, spec, Attachment.to(data, spec));
        farm.ensureSupervised();
        var unused = farm.watch.scheduleWithFixedDelay(farm::look, 500, 500, TimeUnit.MILLISECONDS);
        return farm;
    }

    /**
     * Replaces a supervisor that was killed, or that was about to end when we came: it takes its
     * broker with it, and a waiting client gets an answer from the new one.
     */
    private void look() {
        try {
            ensureSupervised();
            trouble = "";
        } catch (RuntimeException | Error e) {
            // What leaves a scheduled task ends its schedule in silence.
            if (!trouble.equals(e.toString())) {
                LOG.error("no supervisor could be started; trying again every half second", e);
            }
            trouble = e.toString();
        }
    }

    private synchronized void ensureSupervised() {
        if (spec.bootstrap() != null && !spec.processing()) {
            return;
        }
        // On a busy machine it takes a while until the one we started holds its lock.
        if (started != null && started.isAlive()) {
            return;
        }
        try (var hold = FileHold.of(data.supervisorLock())) {
            if (hold == null) {
                return;
            }
            hold.close(); // free again for the one that is started
            start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the supervisor of " + data.root(), e);
        }
    }

    /** Its children as the supervisor last saw them; empty until it knows that we are attached. */
    public List<ChildState> children() {
        try {
            if (!Files.exists(data.supervisorState())) {
                return List.of();
            }
            var state =
                    JSON.readValue(
                            Files.readAllBytes(data.supervisorState()), SupervisorState.class);
            return state.attached().contains(attachment.id()) ? state.children() : List.of();
        } catch (JacksonException e) {
            // What a supervisor of another version left; ours will replace it.
            return List.of();
        } catch (java.nio.file.NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + data.supervisorState(), e);
        }
    }

    private void start() throws IOException {
        Path log = data.logs().resolve("supervisor.log");
        // Ctrl-C in the terminal goes to the whole process group. The supervisor must not hear it:
        // other runs may be attached, and it ends
        // by itself when none is. A JVM leaves a signal alone that is ignored when it starts.
        var command =
                new ArrayList<>(
                        List.of("/bin/sh", "-c", "trap '' INT HUP QUIT; exec \"$@\"", "sh"));
        command.addAll(
                JavaCommand.of(
                        "128m",
                        true,
                        "dev.reelrank.client.farm.SupervisorMain",
                        List.of(data.root().toString())));
        var builder = new ProcessBuilder(command);
        // Commands are silent unless something is wrong; the processes of a farm say what they do.
        builder.environment().putIfAbsent("REELRANK_LOG", "INFO");
        started =
                builder.redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
    }

    @Override
    public void close() {
        watch.shutdownNow();
        attachment.close();
    }
}
