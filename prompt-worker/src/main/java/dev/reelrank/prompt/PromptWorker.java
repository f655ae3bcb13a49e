package dev.reelrank.prompt;

import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.worker.shell.WorkerCommand;
import dev.reelrank.worker.shell.WorkerSetup;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The worker process that writes prompts. */
@Command(
        name = "prompt",
        description = "Writes prompts with Qwen3-VL or a served model.",
        mixinStandardHelpOptions = true)
public final class PromptWorker extends WorkerCommand {
    @Mixin private final EndpointOptions endpoint = new EndpointOptions();

    @Override
    protected String kind() {
        return "prompt";
    }

    @Override
    protected List<Stage<?, ?>> serve(WorkerSetup setup) {
        var stage =
                endpoint.endpoint()
                        .map(e -> new PromptStage(new RemoteBackend(e)))
                        .orElseGet(
                                () ->
                                        new PromptStage(
                                                setup.models(),
                                                setup.fingerprints(),
                                                setup.device()));
        return List.of(stage);
    }

    public static void main(String[] args) {
        System.exit(WorkerCommand.execute(new PromptWorker(), args));
    }
}
