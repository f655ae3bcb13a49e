package dev.reelrank.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Lora;
import dev.reelrank.worker.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CandidateCheckTest {
    @TempDir Path models;

    @Test
    void shouldNameTheModelsAndTheLorasThatAConfigurationChooses() throws IOException {
        Path tiny = Path.of("../modules/animatediff/src/test/resources/animatediff/sd");
        Files.createSymbolicLink(models.resolve("film"), tiny.toRealPath());
        Files.createSymbolicLink(models.resolve("movie"), tiny.toRealPath());
        var config =
                CandidateConfig.defaults()
                        .withModels(List.of("film", "movie"))
                        .withLoras(
                                List.of(
                                        new Lora("style", 0.5),
                                        new Lora("lightning", 1),
                                        new Lora("adapter:smooth@1", 1)));
        var chosen = CandidateCheck.chosen(config, ModelFolders.of(models));
        assertThat(chosen.keySet())
                .as("no Lightning is here, and the farm's store has the adapter")
                .containsExactly("film", "style", "movie");
        assertThat(chosen.get("style")).isEqualTo(models.resolve("style"));
    }
}
