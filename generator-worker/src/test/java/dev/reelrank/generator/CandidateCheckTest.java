package dev.reelrank.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Lora;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
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

    /** Where steps are left to the model, only the model knows them. */
    @Test
    void shouldRefuseToCompareAfterMoreStepsThanAModelTakes() throws IOException {
        Path tiny = Path.of("../modules/animatediff/src/test/resources/animatediff/sd");
        Files.createSymbolicLink(models.resolve("film"), tiny.toRealPath());
        var folders = ModelFolders.of(models);
        var config = CandidateConfig.defaults().withModels(List.of("film"));
        int steps =
                GeneratorFamilies.all()
                        .open(folders.generator("film"))
                        .settings(config, null)
                        .steps();
        assertThatThrownBy(
                        () -> CandidateCheck.check(config.withPrune(new Prune(steps, 1)), folders))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContainingAll("candidate.prune.after is " + steps, "film");
        assertThatCode(
                        () -> {
                            CandidateCheck.check(
                                    config.withPrune(new Prune(steps - 1, 1)), folders);
                            // Nothing is pruned, so nothing pauses.
                            CandidateCheck.check(config.withPrune(new Prune(steps, 3)), folders);
                        })
                .doesNotThrowAnyException();
    }
}
