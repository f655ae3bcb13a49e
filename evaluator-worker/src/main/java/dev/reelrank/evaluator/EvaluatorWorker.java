package dev.reelrank.evaluator;

import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;

/** The worker process that evaluates videos. */
@Command(
        name = "evaluate",
        description = "Measures videos by published metrics.",
        mixinStandardHelpOptions = true)
public final class EvaluatorWorker extends WorkerCommand {
    @Override
    protected String kind() {
        return "evaluate";
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        return List.of(new EvaluateStage(setup.models(), setup.fingerprints(), setup.device()));
    }

    /** Runs the worker as a process of its own. */
    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new EvaluatorWorker(), args));
    }
}
