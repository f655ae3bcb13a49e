package dev.reelrank.worker.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelFoldersTest {
    @TempDir Path root;

    @Test
    void shouldFindAFolderByItsName() throws IOException {
        var wan = Files.createDirectory(root.resolve("wan"));
        assertThat(ModelFolders.of(root).folder(ModelName.WAN)).isEqualTo(wan);
    }

    @Test
    void shouldPreferTheOverrideToTheMappingAndTheMappingToTheName() throws IOException {
        Files.createDirectory(root.resolve("wan"));
        var mapped = Files.createDirectory(root.resolve("other"));
        var named = Files.createDirectory(root.resolve("named"));
        Files.writeString(root.resolve("models.yaml"), "wan: other\n");
        assertThat(ModelFolders.of(root).folder(ModelName.WAN)).isEqualTo(mapped);
        assertThat(ModelFolders.of(root, Map.of("wan", named)).folder(ModelName.WAN))
                .isEqualTo(named);
    }

    @Test
    void shouldTakeTheSnapshotThatTheHubCacheNames() throws IOException {
        var repository = root.resolve("hub/models--Qwen--Qwen3-VL-8B-Instruct");
        Files.createDirectories(repository.resolve("snapshots/old"));
        var current = Files.createDirectories(repository.resolve("snapshots/abc"));
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), "abc\n");
        assertThat(ModelFolders.of(root).folder(ModelName.QWEN)).isEqualTo(current);
        assertThat(ModelFolders.of(root, Map.of("qwen", repository)).folder(ModelName.QWEN))
                .isEqualTo(current);
    }

    @Test
    void shouldFindTheRepositoryThatTheMappingNames() throws IOException {
        var current =
                Files.createDirectories(root.resolve("models--me--my-wan/snapshots/0123456789"));
        Files.writeString(root.resolve("models.yaml"), "wan: me/my-wan\n");
        assertThat(ModelFolders.of(root).folder(ModelName.WAN)).isEqualTo(current);
    }

    @Test
    void shouldAskWhichWhenSeveralCachesHoldTheModel() throws IOException {
        Files.createDirectories(root.resolve("models--Qwen--Qwen3-VL-8B/snapshots/a"));
        Files.createDirectories(root.resolve("models--Qwen--Qwen3-VL-4B/snapshots/a"));
        assertThatThrownBy(() -> ModelFolders.of(root).folder(ModelName.QWEN))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("8B")
                .hasMessageContaining("4B")
                .hasMessageContaining("--model qwen=");
    }

    @Test
    void shouldTakeTheModelsOwnFolderByItsMarker() throws IOException {
        Files.writeString(
                root.resolve("model_index.json"), "{\"_class_name\": \"WanImageToVideoPipeline\"}");
        var folders = ModelFolders.of(root);
        assertThat(folders.folder(ModelName.WAN)).isEqualTo(root);
        assertThat(folders.find(ModelName.QWEN)).isEmpty();
        assertThat(folders.find(ModelName.LIGHTNING)).isEmpty();
    }

    @Test
    void shouldTakeTheRootForTheGeneratorIfItIsOneOfAnyKind() throws IOException {
        var folders = ModelFolders.of(root);
        assertThatThrownBy(folders::generator).hasMessageContaining(root.toString());
        var index = root.resolve("model_index.json");
        Files.writeString(index, "{\"_class_name\": \"CogVideoXPipeline\"}");
        assertThat(folders.generator()).isEqualTo(root);
        Files.delete(index);
        var motion = Files.createDirectory(root.resolve("motion_adapter"));
        assertThat(folders.generator()).isEqualTo(root);
        Files.delete(motion);
        var below = Files.createDirectory(root.resolve("wan"));
        Files.writeString(index, "{\"_class_name\": \"CogVideoXPipeline\"}");
        assertThat(folders.generator()).isEqualTo(below);
    }

    @Test
    void shouldListTheFoldersTried() {
        assertThatThrownBy(() -> ModelFolders.of(root).folder(ModelName.SAM3))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                .hasMessageContaining(root.resolve("sam3").toString())
                .hasMessageContaining(root.resolve("models--*").toString())
                .hasMessageContaining("--model sam3=PATH");
    }

    @Test
    void shouldFindAGeneratorByAnyNameItIsGiven() throws IOException {
        var below = Files.createDirectory(root.resolve("cogvideox-5b"));
        var cached =
                Files.createDirectories(root.resolve("models--org--AnimateDiff/snapshots/abc"));
        var elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("model_index.json"), "{}");
        var folders = ModelFolders.of(root, Map.of("mine", elsewhere));
        assertThat(folders.generator("cogvideox-5b")).isEqualTo(below);
        assertThat(folders.generator("AnimateDiff")).isEqualTo(cached);
        assertThat(folders.generator("mine")).isEqualTo(elsewhere);
        assertThatThrownBy(() -> folders.generator("other"))
                .hasMessageContaining(root.resolve("other").toString())
                .hasMessageContaining("--model other=PATH");
    }

    @Test
    void shouldNameTheValidModelsWhenOneIsUnknown() {
        assertThatThrownBy(() -> ModelFolders.of(root, Map.of("wann", root)))
                .hasMessageContaining("wann")
                .hasMessageContaining("wan, lightning, qwen");
    }
}
