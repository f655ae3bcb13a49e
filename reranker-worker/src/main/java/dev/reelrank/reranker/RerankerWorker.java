package dev.reelrank.reranker;

import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;

/** The worker process that ranks candidates. */
@Command(
        name = "ranking",
        mixinStandardHelpOptions = true,
        description = "Ranks the candidates of each sample.")
public final class RerankerWorker extends WorkerCommand {
    @Override
    protected String kind() {
        return "reranker";
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        var stage =
                new RankingStage(
                        setup.models(),
                        setup.fingerprints(),
                        setup.device(),
                        Runtime.getRuntime().availableProcessors());
        return List.of(stage);
    }

    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new RerankerWorker(), args));
    }
}
