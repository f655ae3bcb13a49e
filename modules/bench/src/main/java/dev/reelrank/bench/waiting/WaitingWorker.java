package dev.reelrank.bench.waiting;

import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A worker process like any other, with a stage that waits. */
@Command(name = "waiting-worker", description = "A worker whose stage waits.")
public final class WaitingWorker extends WorkerCommand {
    @Option(names = "--stage", required = true)
    private String stage = "";

    @Option(names = "--load-seconds")
    private double loadSeconds;

    @Option(names = "--item-seconds")
    private double itemSeconds;

    @Option(names = "--spread")
    private double spread;

    @Option(names = "--speed")
    private double speed = 1;

    @Option(names = "--slowness")
    private double slowness = 1;

    @Option(names = "--needs-gib")
    private double needsGib = 0.01;

    @Option(names = "--read-inputs")
    private boolean readInputs;

    @Override
    protected String kind() {
        return "waiting-" + stage;
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        var pace = new Pace(loadSeconds, itemSeconds, spread, speed, slowness);
        return List.of(WaitingStages.of(stages().parse(stage), pace, needsGib, readInputs));
    }

    public static void main(String[] args) {
        System.exit(execute(new WaitingWorker(), args));
    }
}
