package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model's files ask for and is not computed must not pass unseen. */
class QwenConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "config.json; /text_config/rope_parameters/rope_type; \"yarn\"; rope_type",
                "config.json; /text_config/rope_parameters/type; \"yarn\"; type",
                "config.json; /text_config/rope_parameters/type; \"linear\"; type",
                "config.json; /vision_config/deepstack_visual_indexes; [0, 99]; deepstack_visual_indexes",
                "config.json; /vision_config/deepstack_visual_indexes; [-1]; deepstack_visual_indexes",
                "config.json; /vision_config/deepstack_visual_indexes; [0, 0]; deepstack_visual_indexes",
                "config.json; /vision_config/num_heads; 16; multiple of 4",
                "config.json; /vision_config/num_heads; 0; num_heads",
                "config.json; /text_config/num_attention_heads; 0; num_attention_heads",
                "config.json; /text_config/num_key_value_heads; 0; num_key_value_heads",
                "config.json; /text_config/hidden_size; -8; hidden_size",
                "config.json; /vision_config/patch_size; 0; patch_size",
                "processor_config.json; /image_processor/resample; 2; resample",
                "processor_config.json; /image_processor/do_rescale; false; do_rescale",
                "processor_config.json; /image_processor/do_normalize; false; do_normalize",
                "processor_config.json; /image_processor/do_resize; false; do_resize",
                "processor_config.json; /image_processor/rescale_factor; 1.0; rescale_factor",
                "processor_config.json; /image_processor/image_mean; [0.5]; image_mean",
                "generation_config.json; /repetition_penalty; 1.05; repetition_penalty",
                "generation_config.json; /no_repeat_ngram_size; 3; no_repeat_ngram_size",
                "generation_config.json; /num_beams; 4; num_beams",
                // Of the wrong kind: each was once read as a default, or as 0.
                "config.json; /text_config/rms_norm_eps; \"1e-6\"; rms_norm_eps must be a finite number",
                "config.json; /text_config/rms_norm_eps; 1e999; rms_norm_eps must be a finite number",
                "config.json; /text_config/rope_parameters/rope_theta; [1]; rope_theta must be",
                "config.json; /text_config/rope_parameters/rope_theta; 0; rope_theta has to be",
                "config.json; /text_config/rope_parameters; \"x\"; rope_parameters must be an object",
                "config.json; /text_config/attention_bias; \"yes\"; attention_bias must be true or",
                "config.json; /text_config/num_key_value_heads; 1.5; num_key_value_heads must be",
                "config.json; /text_config/tie_word_embeddings; 1; tie_word_embeddings must be",
                "config.json; /vision_config/deepstack_visual_indexes; [\"0\"]; whole numbers",
                "processor_config.json; /image_processor; \"x\"; image_processor must be an object",
                "processor_config.json; /image_processor/image_mean; [0.5, \"x\", 0.5]; image_mean must",
                "processor_config.json; /image_processor/image_std; [0.5, 0, 0.5]; image_std has to be",
                "processor_config.json; /image_processor/patch_size; \"16\"; patch_size must be",
                "processor_config.json; /image_processor/size/shortest_edge; 1000000000; pictures of",
                "processor_config.json; /image_processor/size/longest_edge; 3; pictures of",
                "generation_config.json; /top_k; \"x\"; top_k must be a whole number",
                "generation_config.json; /top_p; []; top_p must be a finite number",
                "generation_config.json; /eos_token_id; [1, \"x\"]; eos_token_id must be whole numbers",
            })
    void shouldRefuseByNameWhatItDoesNotCompute(
            String file, String pointer, String value, String said)
            throws IOException, URISyntaxException {
        copyWith(file, pointer, value);

        assertThatThrownBy(() -> QwenConfig.read(folder))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining(file)
                .hasMessageContaining(said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "config.json; /text_config/rope_parameters/type; \"mrope\"",
                "generation_config.json; /repetition_penalty; 1.0",
                "processor_config.json; /image_processor/rescale_factor; 0.00392156862745098",
            })
    void shouldTakeWhatChangesNothing(String file, String pointer, String value)
            throws IOException, URISyntaxException {
        copyWith(file, pointer, value);

        assertThat(QwenConfig.read(folder)).isEqualTo(QwenConfig.read(tiny()));
    }

    @Test
    void shouldRefuseATokenOfAnotherId() throws IOException, URISyntaxException {
        copyWith("config.json", "/image_token_id", "1");

        assertThatThrownBy(() -> QwenModel.check(folder))
                .hasMessageContaining("<|image_pad|>")
                .hasMessageContaining("but 1 in config.json");
    }

    @Test
    void shouldReadTheTinyModelsFiles() throws URISyntaxException {
        assertThat(QwenConfig.read(tiny()).images().mean()).containsExactly(0.5, 0.5, 0.5);
    }

    private void copyWith(String file, String pointer, String value)
            throws IOException, URISyntaxException {
        try (var files = Files.list(tiny())) {
            for (var from : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                Files.copy(from, folder.resolve(from.getFileName()));
            }
        }
        var path = folder.resolve(file);
        var root = JSON.readTree(path.toFile());
        int cut = pointer.lastIndexOf('/');
        ((ObjectNode) root.at(pointer.substring(0, cut)))
                .set(pointer.substring(cut + 1), JSON.readTree(value));
        JSON.writeValue(path.toFile(), root);
    }

    private static Path tiny() throws URISyntaxException {
        return Path.of(QwenConfigTest.class.getResource("tiny/config.json").toURI()).getParent();
    }
}
