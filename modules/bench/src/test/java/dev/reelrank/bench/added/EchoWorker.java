package dev.reelrank.bench.added;

import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A worker process of the echo. */
@Command(name = "echo")
public final class EchoWorker extends WorkerCommand {
    @Option(names = "--beside")
    private boolean beside;

    @Override
    protected String kind() {
        return "echo";
    }

    @Override
    protected Stages stages() {
        return beside ? EchoStage.BESIDE : EchoStage.OF_SAMPLE;
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        return List.of(new EchoStage());
    }

    public static void main(String[] args) {
        System.exit(execute(new EchoWorker(), args));
    }
}
