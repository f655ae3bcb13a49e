package dev.reelrank.alignment.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files against those that diffusers and PEFT write (make_training.py). */
final class AdapterFilesTest {
    private static final Path LORA = Path.of("src/test/resources/alignment/lora");

    @TempDir Path folder;

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static void assertSame(NetworkAdapter actual, NetworkAdapter wanted) {
        assertThat(actual.rank()).isEqualTo(wanted.rank());
        assertThat(actual.alpha()).isEqualTo(wanted.alpha());
        assertThat(new TreeMap<>(actual.tensors()).keySet())
                .isEqualTo(new TreeMap<>(wanted.tensors()).keySet());
        wanted.tensors()
                .forEach(
                        (name, tensor) ->
                                assertThat(Ops.floats(actual.tensors().get(name)))
                                        .as(name)
                                        .isEqualTo(Ops.floats(tensor)));
    }

    @Test
    void shouldCallEveryExpertATransformerAndTheUnetItself() {
        assertThat(DiffusersAdapter.prefix("transformer_2")).isEqualTo("transformer");
        assertThat(DiffusersAdapter.prefix("unet")).isEqualTo("unet");
    }

    @Test
    void shouldReadWhatDiffusersAndPeftWrite() {
        var diffusers = DiffusersAdapter.read(LORA.resolve(DiffusersAdapter.FILE), "transformer");
        assertThat(diffusers.rank()).isEqualTo(4);
        assertThat(diffusers.alpha()).isEqualTo(8);
        assertThat(diffusers.layers()).hasSize(16).contains("blocks.1.attn2.to_out.0");
        assertSame(PeftAdapter.read(LORA.resolve("peft")), diffusers);
    }

    /** What check_exported.py loads into diffusers and PEFT. */
    @Test
    void shouldLeaveAnExportForTheOriginalLibraries() throws IOException {
        Path out = Files.createDirectories(Path.of("target", "exported-adapter"));
        var adapter = PeftAdapter.read(LORA.resolve("peft"));
        DiffusersAdapter.write(out.resolve(DiffusersAdapter.FILE), "transformer", adapter);
        PeftAdapter.write(out.resolve("peft"), adapter, "WanTransformer3DModel");
        assertSame(PeftAdapter.read(out.resolve("peft")), adapter);
    }

    @Test
    void shouldWriteWhatDiffusersWrites() throws IOException {
        Path theirs = LORA.resolve(DiffusersAdapter.FILE);
        var adapter = DiffusersAdapter.read(theirs, "transformer");
        Path ours = folder.resolve(DiffusersAdapter.FILE);
        DiffusersAdapter.write(ours, "transformer", adapter);
        assertSame(DiffusersAdapter.read(ours, "transformer"), adapter);
        try (var a = SafetensorsFile.open(ours);
                var b = SafetensorsFile.open(theirs)) {
            assertThat(a.names()).containsExactlyInAnyOrderElementsOf(b.names());
            assertAgrees(
                    new ObjectMapper().readTree(a.metadata().get("lora_adapter_metadata")),
                    new ObjectMapper().readTree(b.metadata().get("lora_adapter_metadata")),
                    "transformer.");
        }
    }

    @Test
    void shouldWriteWhatPeftWrites() throws IOException {
        var adapter = PeftAdapter.read(LORA.resolve("peft"));
        PeftAdapter.write(folder, adapter, "WanTransformer3DModel");
        assertSame(PeftAdapter.read(folder), adapter);
        assertAgrees(
                new ObjectMapper().readTree(folder.resolve("adapter_config.json").toFile()),
                new ObjectMapper().readTree(LORA.resolve("peft/adapter_config.json").toFile()),
                "");
    }

    /** Every key of ours is one of theirs with their value; targets may be spelled out. */
    private static void assertAgrees(JsonNode ours, JsonNode theirs, String prefix) {
        for (var entry : ours.properties()) {
            String key = entry.getKey();
            assertThat(theirs.has(key)).as(key).isTrue();
            if (!key.equals(prefix + "target_modules")
                    && !key.equals(prefix + "auto_mapping")
                    && !key.equals(prefix + "inference_mode")) {
                assertThat(entry.getValue()).as(key).isEqualTo(theirs.get(key));
            }
        }
        assertThat(ours.get(prefix + "target_modules")).hasSize(16);
    }

    @Test
    void shouldWriteEqualBytesForEqualAdapters() throws IOException {
        var adapter = PeftAdapter.read(LORA.resolve("peft"));
        var turned = new LinkedHashMap<String, Tensor>();
        new TreeMap<>(adapter.tensors()).descendingMap().forEach(turned::put);
        DiffusersAdapter.write(folder.resolve("a"), "transformer", adapter);
        DiffusersAdapter.write(
                folder.resolve("b"), "transformer", new NetworkAdapter(4, 8, turned));
        assertThat(Files.readAllBytes(folder.resolve("b")))
                .isEqualTo(Files.readAllBytes(folder.resolve("a")));
    }

    @Test
    void shouldTakeAlphaToBeTheRankWhereAFileDoesNotSayIt() {
        Path file = folder.resolve("plain.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of(
                        "unet.q.lora_A.weight", Noise.normal(1, 4, 8),
                        "unet.q.lora_B.weight", Noise.normal(2, 8, 4)),
                Map.of());
        assertThat(DiffusersAdapter.read(file, "unet").alpha()).isEqualTo(4);
        assertThatThrownBy(() -> DiffusersAdapter.read(file, "transformer"))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("of no transformer");
    }

    @Test
    void shouldConvertARankStabilisedScaleAndRefuseWhatIsNoPlainLora() throws IOException {
        var adapter = PeftAdapter.read(LORA.resolve("peft"));
        PeftAdapter.write(folder, adapter, null);
        set("use_rslora", "true");
        assertThat(PeftAdapter.read(folder).alpha()).isEqualTo(16);
        for (String[] change :
                new String[][] {
                    {"use_dora", "true"},
                    {"bias", "\"all\""},
                    {"modules_to_save", "[\"head\"]"},
                    {"rank_pattern", "{\"q\": 2}"},
                    {"peft_type", "\"IA3\""},
                    {"r", "0"},
                    {"r", "3"}
                }) {
            PeftAdapter.write(folder, adapter, null);
            set(change[0], change[1]);
            assertThatThrownBy(() -> PeftAdapter.read(folder))
                    .as(change[0])
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining(folder.toString());
        }
    }

    private void set(String key, String json) throws IOException {
        var mapper = new ObjectMapper();
        Path file = folder.resolve("adapter_config.json");
        var config = (ObjectNode) mapper.readTree(file.toFile());
        config.set(key, mapper.readTree(json));
        mapper.writeValue(file.toFile(), config);
    }

    @Test
    void shouldNameAHalfThatIsMissing() {
        Path file = folder.resolve("half.safetensors");
        SafetensorsWriter.write(
                file, Map.of("transformer.q.lora_A.weight", Noise.normal(1, 4, 8)), Map.of());
        assertThatThrownBy(() -> DiffusersAdapter.read(file, "transformer"))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("q.lora_A.weight")
                .hasMessageContaining("without its other half");
    }
}
