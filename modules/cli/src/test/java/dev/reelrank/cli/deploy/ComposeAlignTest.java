package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A compose file beside the other replaces lists, so it repeats flow's command. */
final class ComposeAlignTest {
    @Test
    void shouldStartFlowAsTheComposeFileDoesWithTheTrainingsBeside() throws IOException {
        List<String> expected = new ArrayList<>(words("compose.yaml"));
        expected.addAll(List.of("--align", "/etc/reelrank/align.json"));
        assertThat(words("compose.align.yaml")).isEqualTo(expected);
        assertThat(flow("compose.align.yaml").at("/volumes/0").asText())
                .endsWith(":/etc/reelrank/align.json:ro");
    }

    private static List<String> words(String file) throws IOException {
        List<String> words = new ArrayList<>();
        flow(file).path("command").forEach(word -> words.add(word.asText()));
        assertThat(words).isNotEmpty();
        return words;
    }

    private static JsonNode flow(String file) throws IOException {
        return Chart.yaml(Chart.HOME.resolve("deploy").resolve(file)).at("/services/flow");
    }
}
