package dev.reelrank.bench.align.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdapterTrainingTest {
    @TempDir Path folder;

    @Test
    void shouldFindTheAdapterOfAFinishedTrainingWithoutItsPairs() throws IOException {
        Recipe recipe = Recipes.ROOMS.with(Map.of("steps", "7"));
        Files.writeString(folder.resolve("finished"), recipe + " on pairs of another machine");
        assertThat(AdapterTraining.finished(recipe, folder).orElseThrow())
                .singleElement()
                .satisfies(
                        lora ->
                                assertThat(lora.path())
                                        .isEqualTo(folder.resolve("high_noise_model.safetensors")));
    }

    @Test
    void shouldFindNoAdapterOfAnotherRecipeOrOfATrainingUnderWay() throws IOException {
        Recipe recipe = Recipes.ROOMS.with(Map.of("steps", "7"));
        assertThat(AdapterTraining.finished(recipe, folder)).isEmpty();
        Files.writeString(folder.resolve("finished"), recipe + " on pairs of another machine");
        assertThat(AdapterTraining.finished(Recipes.ROOMS.with(Map.of("steps", "70")), folder))
                .isEmpty();
    }
}
