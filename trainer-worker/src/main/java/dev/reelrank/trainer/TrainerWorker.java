package dev.reelrank.trainer;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The worker process that trains adapters. */
@Command(
        name = "align",
        description = "Trains adapters on preference pairs.",
        mixinStandardHelpOptions = true)
public final class TrainerWorker extends WorkerCommand {
    private final ClipJudges judges;

    @Option(
            names = "--replicas",
            split = ",",
            paramLabel = "DEVICE",
            description =
                    "Further devices, for example cuda:1,cuda:2: each holds a copy of the model, and the pairs of a step are shared out among all.")
    private List<String> replicas = new ArrayList<>();

    /** One whose gate looks at frames alone. */
    public TrainerWorker() {
        this(ClipJudges.NONE);
    }

    /**
     * @param judges measure what the gate guards beside motion
     */
    public TrainerWorker(ClipJudges judges) {
        this.judges = judges;
    }

    @Override
    protected String kind() {
        return "align";
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        var stage =
                new AlignStage(
                        GeneratorFamilies.all(),
                        setup.models(),
                        setup.fingerprints(),
                        setup.store(),
                        setup.device(),
                        replicas.stream().map(Device::parse).toList(),
                        judges);
        return List.of(stage);
    }

    /** Runs the worker as a process of its own. */
    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new TrainerWorker(), args));
    }
}
