package dev.reelrank.generator;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.worker.shell.Served;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;

/** The process that generates candidates for a farm. */
@Command(name = "candidate", description = "Generates candidates.", mixinStandardHelpOptions = true)
public final class GeneratorWorker extends WorkerCommand {
    @Override
    protected String kind() {
        return "candidate";
    }

    @Override
    protected List<Served<?, ?>> serve(WorkerSetup setup) {
        var stage =
                new GeneratorStage(
                        GeneratorFamilies.all(),
                        setup.models(),
                        setup.fingerprints(),
                        setup.device());
        return List.of(new Served<>(stage, CandidateConfig.defaults()));
    }

    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new GeneratorWorker(), args));
    }
}
