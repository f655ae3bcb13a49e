package dev.reelrank.generator;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;

/** The worker process that generates candidates. */
@Command(name = "candidate", description = "Generates candidates.", mixinStandardHelpOptions = true)
public final class GeneratorWorker extends WorkerCommand {
    @Override
    protected String kind() {
        return "candidate";
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        var stage =
                new GeneratorStage(
                        GeneratorFamilies.all(),
                        setup.models(),
                        setup.fingerprints(),
                        setup.store(),
                        setup.device());
        return List.of(stage);
    }

    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new GeneratorWorker(), args));
    }
}
