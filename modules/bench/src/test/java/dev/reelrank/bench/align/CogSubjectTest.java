package dev.reelrank.bench.align;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class CogSubjectTest {
    @TempDir Path folder;

    @Test
    void shouldHaveTheShapesOfThePublishedModels() {
        var text = subject("cogvideox-5b");
        assertThat(text.latents(720, 480, 49)).containsExactly(1, 16, 13, 60, 90);
        assertThat(text.imageChannels()).isZero();
        assertThat(subject("cogvideox-5b-i2v").imageChannels()).isEqualTo(16);
        // 21 frames and one more in front, as patches cover two.
        assertThat(subject("cogvideox-1.5-5b").latents(1360, 768, 81))
                .containsExactly(1, 16, 22, 96, 170);
    }

    @ParameterizedTest
    @CsvSource({"cogvideox-5b-tiny,9", "cogvideox-5b-i2v-tiny,9", "cogvideox-1.5-5b-tiny,17"})
    void shouldTrainATinyOne(String name, int frames) throws Exception {
        Path json = folder.resolve("align.json");
        int exit =
                new CommandLine(new AlignBench())
                        .execute(
                                "--random-weights",
                                "--architecture=" + name,
                                "--device=cpu",
                                "--precision=fp32",
                                "--size=48x32",
                                "--frames=" + frames,
                                "--rank=4",
                                "--steps=1",
                                "--json=" + json);
        assertThat(exit).isZero();
        var figures = new ObjectMapper().readTree(json.toFile()).get(0);
        assertThat(figures.path("failed").asText()).isEmpty();
        assertThat(figures.path("loss").get(0).asDouble()).isEqualTo(Math.log(2));
    }

    private CogSubject subject(String name) {
        return CogSubject.of(name, folder.resolve(name), false);
    }
}
