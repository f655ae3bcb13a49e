package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.NativeMemory;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.Stages;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/**
 * A worker process: everything but its stages. See the package's description for a worker's main.
 *
 * <p>Exit codes are those of {@link ExitCode}: CONFIG and MODEL before any work was taken, RESTART
 * when a fault of ours was met and another process should go on.
 */
public abstract class WorkerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerCommand.class);

    @Mixin private final WorkerOptions options = new WorkerOptions();

    /**
     * The name of this kind of worker, for its default name: {@code prompt}, {@code generator} …
     */
    protected abstract String kind();

    /** The stages of the farm. */
    protected Stages stages() {
        return Stages.STANDARD;
    }

    /** The stages of this worker, not loaded; each gets a queue and a thread of its own. */
    protected abstract List<Stage<?, ?>> serve(WorkerSetup setup);

    /** Runs a worker as a process of its own; give the result to {@link System#exit}. */
    public static int execute(WorkerCommand command, String[] args) {
        NativeMemory.unlimited();
        return new CommandLine(command)
                .setExecutionExceptionHandler(
                        (e, line, parsed) -> {
                            if (e instanceof StageException s) {
                                line.getErr().println(s.code() + ": " + s.getMessage());
                                return ExitCode.of(s.code().category());
                            }
                            LOG.error("the worker failed", e);
                            return ExitCode.INTERNAL;
                        })
                .execute(args);
    }

    @Override
    public final Integer call() throws InterruptedException {
        options.configureLogs(kind());
        var ending = new Ending(options.drainTimeout());
        try (var worker = new WorkerProcess(kind(), options, ending)) {
            worker.onSignals();
            return worker.run(stages(), this::serve);
        }
    }
}
