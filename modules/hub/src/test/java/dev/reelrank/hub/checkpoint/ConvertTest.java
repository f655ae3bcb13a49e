package dev.reelrank.hub.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that PyTorch wrote, and some that somebody hostile would write: see make.py. */
final class ConvertTest {
    private static final Path HARM = Path.of("/tmp/reelrank-was-here");

    @TempDir Path folder;

    private static Path fixture(String name) {
        try {
            return Path.of(ConvertTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, String> converted(String name, String key) throws IOException {
        Path result = folder.resolve(name + ".safetensors");
        Convert.run(fixture(name), result, key, false);
        return tensors(result);
    }

    /** Type, shape and bytes of every tensor; every byte of the file is accounted for. */
    private static Map<String, String> tensors(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int length =
                Math.toIntExact(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
        var header = new ObjectMapper().readTree(bytes, 8, length);
        var tensors = new TreeMap<String, String>();
        int end = 8 + length;
        for (var entry : header.properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                var node = entry.getValue();
                int from = 8 + length + node.path("data_offsets").path(0).asInt();
                int to = 8 + length + node.path("data_offsets").path(1).asInt();
                end = Math.max(end, to);
                tensors.put(
                        entry.getKey(),
                        "%s %s %s"
                                .formatted(
                                        node.path("dtype").asText(),
                                        node.path("shape"),
                                        HexFormat.of()
                                                .formatHex(Arrays.copyOfRange(bytes, from, to))));
            }
        }
        assertThat(bytes).hasSize(end);
        return tensors;
    }

    private void refuse(String name, String... parts) {
        Path result = folder.resolve("out.safetensors");
        assertThatThrownBy(() -> Convert.run(fixture(name), result, "", false))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH);
                            assertThat(e.getMessage()).contains(name).contains(parts);
                        });
        assertThat(folder).isEmptyDirectory();
        assertThat(HARM).doesNotExist();
    }

    @Test
    void shouldWriteTheTensorsThatTheOriginalLibraryWrites() throws IOException {
        assertThat(converted("all.pth", ""))
                .isEqualTo(tensors(fixture("expected.safetensors")))
                .hasSize(14);
    }

    @Test
    void shouldFindTheTensorsBelowOtherValues() throws IOException {
        var result = Convert.run(fixture("training.pth"), folder.resolve("training"), "", false);
        assertThat(result.tensors()).isEqualTo(2);
        assertThat(converted("training.pth", "model")).containsOnlyKeys("weight", "bias");
        assertThat(converted("protocol4.pth", "")).containsOnlyKeys("weight", "bias");
    }

    @Test
    void shouldAskWhichOfSeveralDictionaries() throws IOException {
        refuse("two.pth", "--key", "ema", "model");
        assertThat(converted("two.pth", "ema")).containsOnlyKeys("weight", "bias");
        assertThatThrownBy(
                        () -> Convert.run(fixture("two.pth"), folder.resolve("out"), "emma", false))
                .hasMessageContaining("'emma'")
                .hasMessageContaining("[model, ema]");
    }

    @Test
    void shouldNameTheCodeThatAFileAsksForAndExecuteNothing() {
        refuse("hostile-system.pth", "posix.system", "Nothing was executed");
        refuse("hostile-eval.pth", "__builtin__.eval", "Nothing was executed");
        refuse("object.pth", "torch.nn.modules.linear.Linear");
    }

    @Test
    void shouldRefuseInstructionsThatTensorsDoNotNeed() {
        refuse("hostile-newobj.pth", "0x81");
        refuse("hostile-setstate.pth", "attributes");
        refuse("hostile-underflow.pth", "takes more than it gave");
        refuse("hostile-truncated.pth", "ends too early");
        refuse("hostile-path.pth", "no storage");
    }

    @Test
    void shouldRefuseTensorsOutsideTheirStorage() {
        refuse("hostile-outside.pth", "'w'", "outside its storage");
        refuse("hostile-offset.pth", "'w'", "outside its storage");
        refuse("hostile-repeated.pth", "'w'", "outside its storage");
        refuse("hostile-short.pth", "16 bytes", "needs 32 bytes");
    }

    @Test
    void shouldSayWhatAFileOfAnotherKindIs() throws IOException {
        refuse("legacy.pth", "before 1.6");
        Path cut = folder.resolve("cut.pth");
        byte[] whole = Files.readAllBytes(fixture("all.pth"));
        Files.write(cut, Arrays.copyOf(whole, whole.length - 100));
        assertThatThrownBy(() -> Convert.run(cut, folder.resolve("out"), "", false))
                .hasMessageContaining("cut.pth")
                .hasMessageContaining("truncated");
        assertThatThrownBy(
                        () ->
                                Convert.run(
                                        folder.resolve("none.pth"), folder.resolve("o"), "", false))
                .hasMessageContaining("no file");
    }

    @Test
    void shouldReplaceAResultOnlyWhenAsked() throws IOException {
        Path result = Files.writeString(folder.resolve("out"), "mine");
        assertThatThrownBy(() -> Convert.run(fixture("all.pth"), result, "", false))
                .hasMessageContaining("--overwrite");
        assertThat(result).hasContent("mine");
        Convert.run(fixture("all.pth"), result, "", true);
        assertThat(tensors(result)).hasSize(14);
    }
}
