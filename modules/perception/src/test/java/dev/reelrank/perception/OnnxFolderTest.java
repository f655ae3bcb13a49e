package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFolderTest {
    @TempDir Path folder;

    @Test
    void shouldSayHowToMakeTheFolderWhenThereIsNone() {
        assertFails(
                FailureCode.MODEL_MISSING,
                "export.py dinov3",
                () -> OnnxFolder.open(folder, "dinov3"));
    }

    @Test
    void shouldRefuseAnotherModelsFolder() {
        assertFails(
                FailureCode.MODEL_MISMATCH,
                "describes a clip model",
                () -> OnnxFolder.open(Fixtures.path("clip"), "dinov3"));
    }

    @Test
    void shouldNameTheFileThatIsMissingCutOrAltered() throws IOException {
        for (var name : new String[] {"manifest.json", "config.json", "tokens.onnx"}) {
            Files.copy(Fixtures.path("dinov3").resolve(name), folder.resolve(name));
        }
        var graph = folder.resolve("tokens.onnx");
        var bytes = Files.readAllBytes(graph);
        OnnxFolder.open(folder, "dinov3").verify();

        bytes[bytes.length / 2] ^= 1;
        Files.write(graph, bytes);
        assertFails(
                FailureCode.MODEL_MISMATCH,
                "tokens.onnx was altered",
                () -> OnnxFolder.open(folder, "dinov3").verify());

        Files.write(graph, Arrays.copyOf(bytes, 1000));
        assertFails(
                FailureCode.MODEL_MISMATCH,
                "tokens.onnx has 1000 bytes",
                () -> OnnxFolder.open(folder, "dinov3"));

        Files.writeString(graph, "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
        assertFails(
                FailureCode.MODEL_MISSING,
                "tokens.onnx is a Git LFS pointer",
                () -> OnnxFolder.open(folder, "dinov3"));

        Files.delete(graph);
        assertFails(
                FailureCode.MODEL_MISSING,
                "tokens.onnx is named in the folder's manifest but is missing",
                () -> OnnxFolder.open(folder, "dinov3"));

        Files.writeString(folder.resolve("manifest.json"), "{ not json");
        assertFails(
                FailureCode.MODEL_MISMATCH,
                "is not a model manifest",
                () -> OnnxFolder.open(folder, "dinov3"));
    }

    @Test
    void shouldNameTheGraphThatDoesNotLoad() throws IOException {
        for (var name : new String[] {"config.json", "tokens.onnx"}) {
            Files.copy(Fixtures.path("dinov3").resolve(name), folder.resolve(name));
        }
        var manifest = Files.readString(Fixtures.path("dinov3").resolve("manifest.json"));
        Files.writeString(folder.resolve("manifest.json"), manifest);
        var graph = folder.resolve("tokens.onnx");
        var bytes = Files.readAllBytes(graph);
        Arrays.fill(bytes, 0, 200, (byte) 0x55);
        Files.write(graph, bytes);
        assertFails(
                FailureCode.MODEL_MISMATCH,
                "tokens.onnx cannot be loaded",
                () -> Dinov3.load(folder, Fixtures.SETTINGS));
    }

    private static void assertFails(FailureCode code, String said, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(said);
    }
}
