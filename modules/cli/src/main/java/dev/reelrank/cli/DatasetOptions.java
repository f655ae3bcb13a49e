package dev.reelrank.cli;

import dev.reelrank.client.dataset.Dataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which samples. */
final class DatasetOptions {
    @Option(
            names = "--dataset",
            paramLabel = "DIR",
            description =
                    "Folder with images/<sample_id>.png|jpg|webp and prompts/<sample_id>.txt. Default: the bundled samples.")
    @Nullable Path dataset;

    @Option(
            names = "--sample-ids",
            paramLabel = "ID",
            arity = "1..*",
            description = "Use only these samples.")
    List<String> sampleIds = new ArrayList<>();

    @Option(
            names = "--num-samples",
            paramLabel = "N",
            description = "Use only the first N samples.")
    @Nullable Integer numSamples;

    @Option(
            names = "--prompts",
            paramLabel = "DIR",
            description =
                    "Folder with edited <sample_id>.prompt.txt files. An edited text is used as the prompt, without the model.")
    @Nullable Path prompts;

    Path folder() {
        return (dataset != null ? dataset : Home.folder().resolve("samples"))
                .toAbsolutePath()
                .normalize();
    }

    List<String> choose(Dataset from) {
        return from.choose(
                sampleIds,
                numSamples,
                id ->
                        System.err.println(
                                "reelrank: sample " + id + " is named twice; it runs once"));
    }
}
