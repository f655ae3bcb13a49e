package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsTest {
    @TempDir Path folder;

    private Path written(String name) {
        try (var scope = TensorScope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            tensors.put("a.weight", Ops.tensor(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
            tensors.put("a.bias", Ops.to(Ops.tensor(new float[] {0.5f, -2}, 2), DType.BFLOAT16));
            tensors.put("flag", Ops.to(Ops.tensor(new long[] {1}, 1), DType.UINT8));
            tensors.put("odd", Ops.tensor(new float[] {7}, 1));
            Path path = folder.resolve(name);
            SafetensorsWriter.write(path, tensors, Map.of("format", "pt"));
            return path;
        }
    }

    @Test
    void shouldReadBackWhatWasWrittenEvenWhenATensorIsMisaligned() {
        try (var scope = TensorScope.open();
                var file = SafetensorsFile.open(written("m.safetensors"))) {
            assertThat(file.names()).containsExactly("a.weight", "a.bias", "flag", "odd");
            assertThat(file.metadata()).containsEntry("format", "pt");
            assertThat(file.tensor("a.weight").shape()).containsExactly(2, 3);
            assertThat(Ops.floats(file.tensor("a.weight"))).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(DType.of(file.tensor("a.bias"))).isEqualTo(DType.BFLOAT16);
            assertThat(Ops.floats(file.tensor("odd"))).containsExactly(7);
        }
    }

    @Test
    void shouldKeepAViewAliveWhenTheFileIsClosed() {
        try (var scope = TensorScope.open()) {
            Tensor view;
            try (var file = SafetensorsFile.open(written("m.safetensors"))) {
                view = file.tensor("a.weight");
            }
            assertThat(Ops.floats(view)).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void shouldNameTheTensorWhenAFileIsTruncated() throws Exception {
        Path path = written("m.safetensors");
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(file.length() - 3);
        }
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("truncated")
                .hasMessageContaining("'odd'")
                .hasMessageContaining(path.toString());
    }

    @Test
    void shouldRefuseAFileThatIsNoSafetensorsFile() throws Exception {
        Path path = Files.writeString(folder.resolve("x.safetensors"), "<html>not found</html>");
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(StageException.class)
                .hasMessageContaining(path.toString());
    }

    @Test
    void shouldReadShardsAndNameAMissingOne() throws Exception {
        Path first = written("one.safetensors");
        try (var scope = TensorScope.open()) {
            SafetensorsWriter.write(
                    folder.resolve("two.safetensors"),
                    Map.of("b", Ops.tensor(new float[] {9}, 1)),
                    Map.of());
        }
        Files.writeString(
                folder.resolve("m.safetensors.index.json"),
                "{\"weight_map\":{\"a.weight\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
        try (var scope = TensorScope.open();
                var checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).contains("a.weight", "b");
            assertThat(Ops.floats(checkpoint.stored("b"))).containsExactly(9);
        }
        Files.delete(first);
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISSING);
    }

    @Test
    void shouldNameThePathAndWhatToDoWhenAFileCannotBeWritten() throws Exception {
        Files.writeString(folder.resolve("file"), "no folder");
        assertThatThrownBy(() -> written("file/m.safetensors"))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("cannot write " + folder.resolve("file/m.safetensors"))
                .hasMessageContaining("remove it or choose another place")
                .extracting("code")
                .isEqualTo(FailureCode.OUT_OF_DISK);
    }

    private Path withHeader(String header, int data) throws Exception {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        var bytes =
                ByteBuffer.allocate(8 + json.length + data)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json);
        return Files.write(folder.resolve("bad.safetensors"), bytes.array());
    }

    private void assertRefused(String header, int data, String... parts) throws Exception {
        Path path = withHeader(header, data);
        var thrown =
                assertThatThrownBy(() -> SafetensorsFile.open(path))
                        .isInstanceOf(StageException.class)
                        .hasMessageContaining(path.toString());
        for (String part : parts) {
            thrown.hasMessageContaining(part);
        }
    }

    @Test
    void shouldRefuseAShapeThatNoFileCanHold() throws Exception {
        assertRefused(
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4]}}"
                        .replace('\'', '"'),
                4,
                "'a'",
                "[4294967296, 4294967296]");
        assertRefused(
                "{'a':{'dtype':'F32','shape':[4611686018427387905],'data_offsets':[0,4]}}"
                        .replace('\'', '"'),
                4,
                "'a'");
    }

    @Test
    void shouldRefuseTensorsThatShareBytes() throws Exception {
        assertRefused(
                ("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                                + "'b':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}")
                        .replace('\'', '"'),
                12,
                "an overlap between tensor 'a' and tensor 'b'");
    }

    @Test
    void shouldRefuseBytesThatBelongToNoTensor() throws Exception {
        assertRefused(
                ("{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
                                + "'b':{'dtype':'F32','shape':[1],'data_offsets':[8,12]}}")
                        .replace('\'', '"'),
                12,
                "a gap between tensor 'a' and tensor 'b'");
        assertRefused(
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}".replace('\'', '"'),
                9,
                "5 bytes that belong to no tensor");
    }

    @Test
    void shouldRefuseANameTwice() throws Exception {
        assertRefused(
                ("{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
                                + "'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}")
                        .replace('\'', '"'),
                8,
                "Duplicate field 'a'");
    }

    @Test
    void shouldRefuseADescriptionThatIsNoNumber() throws Exception {
        for (String shape : List.of("[-1]", "[1.5]", "['1']", "[99999999999999999999]", "4")) {
            assertRefused(
                    "{'a':{'dtype':'F32','shape':%s,'data_offsets':[0,4]}}"
                            .formatted(shape)
                            .replace('\'', '"'),
                    4,
                    "'a'");
        }
        assertRefused("[]", 0, "begins with no object");
        assertRefused("{'a':3}".replace('\'', '"'), 0, "no object for 'a'");
        assertRefused("{} {}", 0, "goes on after its object");
    }

    @Test
    void shouldRefuseAHeaderThatIsNotUtf8() throws Exception {
        // What a parser that guesses encodings would take for UTF-32.
        assertRefused("\0\0\0{", 0, "no readable safetensors header");
    }

    @Test
    void shouldNotReadAHeaderPastTheFormatsLimit() throws Exception {
        Path path = withHeader("{}", 0);
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(240L << 20);
            file.write(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong((240L << 20) - 8)
                            .array());
        }
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("the format allows 100000000");
    }

    @Test
    void shouldSayThatAFileIsAGitLfsPointer() throws Exception {
        Path path =
                Files.writeString(
                        folder.resolve("m.safetensors"),
                        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .hasMessageContaining("git lfs pull")
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISSING);
    }

    @Test
    void shouldNameATensorWithValuesThatAreNotFinite() {
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -1 / 0f}) {
            for (DType stored : List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16)) {
                Path path = folder.resolve("n.safetensors");
                try (var scope = TensorScope.open()) {
                    Tensor bad = Ops.to(Ops.tensor(new float[] {1, value, 3}, 3), stored);
                    SafetensorsWriter.write(path, Map.of("w", bad), Map.of());
                    try (var checkpoint = Checkpoint.open(path)) {
                        assertThatThrownBy(
                                        () ->
                                                checkpoint.read(
                                                        "w", TorchDevice.cpu(), DType.FLOAT32, 3))
                                .isInstanceOf(StageException.class)
                                .hasMessageContaining("tensor 'w' of " + path)
                                .hasMessageContaining("not finite");
                    }
                }
            }
        }
    }

    @Test
    void shouldNameATensorThatOverflowsTheWantedType() {
        Path path = folder.resolve("n.safetensors");
        try (var scope = TensorScope.open()) {
            SafetensorsWriter.write(path, Map.of("w", Ops.tensor(new float[] {1e6f}, 1)), Map.of());
            try (var checkpoint = Checkpoint.open(path)) {
                assertThatThrownBy(() -> checkpoint.read("w", TorchDevice.cpu(), DType.FLOAT16, 1))
                        .hasMessageContaining("past the range of F16");
                checkpoint.read("w", TorchDevice.cpu(), DType.BFLOAT16, 1);
            }
        }
    }

    @Test
    void shouldAccountForEveryTensor() {
        try (var checkpoint = Checkpoint.open(written("m.safetensors"));
                var parameters = new Parameters()) {
            var weights = new Weights(checkpoint, TorchDevice.cpu(), DType.FLOAT32, parameters);
            assertThatThrownBy(() -> weights.child("a").take("weight", 3, 2))
                    .hasMessageContaining("'a.weight'")
                    .hasMessageContaining("[2, 3]")
                    .hasMessageContaining("[3, 2]");
            assertThatThrownBy(() -> weights.take("missing", 1)).hasMessageContaining("'missing'");
            assertThatThrownBy(() -> weights.take("flag", 1)).hasMessageContaining("U8");
            Tensor bias = weights.child("a").take("bias", 2);
            assertThat(DType.of(bias)).isEqualTo(DType.FLOAT32);
            weights.take("a.weight", 2, 3);
            weights.ignore("odd");
            assertThatThrownBy(weights::requireAllUsed)
                    .asInstanceOf(InstanceOfAssertFactories.type(StageException.class))
                    .extracting(StageException::code)
                    .isEqualTo(FailureCode.MODEL_MISMATCH);
            assertThatThrownBy(weights::requireAllUsed).hasMessageContaining("[flag]");
            weights.ignore("flag");
            weights.requireAllUsed();
        }
    }
}
