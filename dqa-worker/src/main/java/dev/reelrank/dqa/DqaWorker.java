package dev.reelrank.dqa;

import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;

/** The worker process that grades winners and trains the preference model. */
@Command(
        name = "grade",
        description = "Grades the winners and learns from selections.",
        mixinStandardHelpOptions = true)
public final class DqaWorker extends WorkerCommand {
    @Override
    protected String kind() {
        return "grade";
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        return List.of(
                new GradeStage(setup.models(), setup.fingerprints(), setup.device()),
                new TuneStage(setup.models(), setup.fingerprints()));
    }

    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new DqaWorker(), args));
    }
}
