package dev.reelrank.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.hub.content.ContentHash;
import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.hub.plan.ModelPlan;
import dev.reelrank.hub.plan.Plans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlansTest {
    @TempDir Path folder;

    private static List<RepositoryFile> files(String... paths) {
        return Stream.of(paths)
                .map(
                        p ->
                                new RepositoryFile(
                                        p,
                                        1,
                                        new ContentHash(ContentHash.Kind.GIT_BLOB, "0".repeat(40))))
                .toList();
    }

    private static List<String> selected(String model, boolean inferenceOnly, String... paths) {
        ModelPlan plan = Plans.shipped().choose(List.of(model)).get(0);
        return plan.select(files(paths), inferenceOnly, "c").stream()
                .map(RepositoryFile::path)
                .toList();
    }

    private Plans with(String yaml) throws IOException {
        return Plans.shipped().with(Files.writeString(folder.resolve("plans.yaml"), yaml));
    }

    @Test
    void shouldNameTheSixModelsOfTheFinalPlan() {
        assertThat(Plans.shipped().choose(List.of("final", "qwen")))
                .extracting(ModelPlan::name)
                .containsExactly("wan", "lightning", "qwen", "dinov3", "sam3", "clip");
    }

    @Test
    void shouldSelectWhatTheGeneratorReads() {
        assertThat(
                        selected(
                                "wan",
                                true,
                                "README.md",
                                "assets/demo.png",
                                "model_index.json",
                                "scheduler/scheduler_config.json",
                                "text_encoder/config.json",
                                "text_encoder/model-00001-of-00003.safetensors",
                                "text_encoder/model.safetensors.index.json",
                                "tokenizer/spiece.model",
                                "tokenizer/tokenizer.json",
                                "transformer/config.json",
                                "transformer/diffusion_pytorch_model-00001-of-00012.safetensors",
                                "transformer_2/config.json",
                                "transformer_2/diffusion_pytorch_model.safetensors",
                                "vae/config.json",
                                "vae/diffusion_pytorch_model.safetensors"))
                .hasSize(12)
                .doesNotContain("README.md", "assets/demo.png", "tokenizer/spiece.model");
    }

    @Test
    void shouldPreferSafetensorsAndTakePickledWeightsOnlyWithoutThem() {
        String[] both = {
            "config.json",
            "preprocessor_config.json",
            "tokenizer.json",
            "pytorch_model.bin",
            "model.safetensors"
        };
        assertThat(selected("clip", true, both)).doesNotContain("pytorch_model.bin");
        String[] old = {
            "config.json", "preprocessor_config.json", "tokenizer.json", "pytorch_model.bin"
        };
        assertThat(selected("clip", true, old)).contains("pytorch_model.bin");
    }

    @Test
    void shouldPlaceAFolderOfTheRepositoryAsTheModel() {
        ModelPlan lightning = Plans.shipped().choose(List.of("lightning")).get(0);
        assertThat(lightning.placed(lightning.strip() + "/high_noise_model.safetensors"))
                .isEqualTo("high_noise_model.safetensors");
    }

    @Test
    void shouldListPlansAndModelsForAnUnknownName() {
        assertThatThrownBy(() -> Plans.shipped().choose(List.of("finale")))
                .hasMessageContaining("'finale'")
                .hasMessageContaining("final")
                .hasMessageContaining("sam3");
    }

    @Test
    void shouldNameTheEntryAndTheKeyOfAMistake() {
        assertThatThrownBy(() -> with("models: {a: {repositry: x/y, inference: ['*']}}"))
                .hasMessageContaining("models.a")
                .hasMessageContaining("'repositry'")
                .hasMessageContaining("repository");
        assertThatThrownBy(() -> with("models: {a: {repository: xy, inference: ['*']}}"))
                .hasMessageContaining("ORG/NAME");
        assertThatThrownBy(() -> with("models: {a: {repository: x/y}}"))
                .hasMessageContaining("'inference'");
        assertThatThrownBy(
                        () ->
                                with(
                                        "models: {a: {repository: x/y, folder: ../b, inference: ['*']}}"))
                .hasMessageContaining("'folder'");
        assertThatThrownBy(() -> with("plans: {p: {models: [nobody]}}"))
                .hasMessageContaining("nobody");
        assertThatThrownBy(() -> with("models: [")).hasMessageContaining("plans.yaml");
    }

    @Test
    void shouldSayThatAPlanContainsItself() {
        assertThatThrownBy(() -> with("plans: {a: {models: [b]}, b: {models: [a]}}"))
                .hasMessageContaining("'b' contains itself: b > a > b");
    }

    @Test
    void shouldTakeTextAloneForNames() {
        assertThatThrownBy(() -> with("plans: {a: {models: &x [[*x]]}}"))
                .hasMessageContaining("plans.a")
                .hasMessageContaining("'models' must contain text alone");
    }

    @Test
    void shouldRefusePathsThatLeadOut() {
        for (String path : List.of("/etc/passwd", "../x", "a/../../x", "a//b", "", "a\\b", "C:x")) {
            assertThatThrownBy(() -> files(path)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldHashAsGitDoes() throws IOException {
        Path file = Files.writeString(folder.resolve("hello"), "hello\n");
        // git hash-object hello
        assertThat(ContentHash.parse("git:ce013625030ba8dba906f756967f9e9ca394464a").isOf(file))
                .isTrue();
    }
}
