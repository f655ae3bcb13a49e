package dev.reelrank.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.cuda.CudaUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DjlSettingsTest {
    private static final String TOKENIZER =
            """
            {"version": "1.0", "model": {"type": "WordLevel", "unk_token": "?",
             "vocab": {"?": 0, "a": 1, "ring": 2}}, "pre_tokenizer": {"type": "Whitespace"}}
            """;

    /**
     * With a CUDA runtime in reach (any library under its name will do), DJL would load it and ask
     * it for GPUs; without these settings the first call fails here for want of its functions.
     */
    @Test
    void shouldNotLoadACudaRuntimeThatIsInReach(@TempDir Path folder) throws Exception {
        String resource = "native/lib/linux-x86_64/cpu/libtokenizers.so";
        try (var library = getClass().getClassLoader().getResourceAsStream(resource)) {
            assertThat(library).as(resource).isNotNull();
            Files.copy(library, folder.resolve("libcudart.so"));
        }
        System.setProperty("jna.library.path", folder.toString());

        DjlSettings.apply();

        assertThat(CudaUtils.getGpuCount()).isZero();
        assertThat(System.getProperty("ai.djl.util.cuda.fork")).isNull();
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, TOKENIZER, StandardCharsets.UTF_8);
        try (var tokenizer = HuggingFaceTokenizer.newInstance(file)) {
            assertThat(tokenizer.encode("a ring", false, false).getIds()).containsExactly(1, 2);
        }
    }
}
