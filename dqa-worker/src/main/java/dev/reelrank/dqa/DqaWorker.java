package dev.reelrank.dqa;

import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.worker.shell.Served;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;

/** The process that grades winners and learns from selections for a farm. */
@Command(
        name = "grade",
        description = "Grades winners and learns from selections.",
        mixinStandardHelpOptions = true)
public final class DqaWorker extends WorkerCommand {
    @Override
    protected String kind() {
        return "grade";
    }

    @Override
    protected List<Served<?, ?>> serve(WorkerSetup setup) {
        return List.of(
                new Served<>(
                        new GradeStage(setup.models(), setup.fingerprints(), setup.device()),
                        GradeConfig.defaults()),
                new Served<>(
                        new TuneStage(setup.models(), setup.fingerprints()),
                        TuneConfig.defaults()));
    }

    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new DqaWorker(), args));
    }
}
