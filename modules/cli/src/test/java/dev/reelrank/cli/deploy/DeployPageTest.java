package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.cli.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command and every file of values of docs/deploy.md is tried here, or marked as not run. */
final class DeployPageTest {
    private static final Pattern BLOCK =
            Pattern.compile("(?m)^```(\\w*)\\n((?:(?!^```).*\\n)*)```$");
    private static final Pattern EXEC =
            Pattern.compile("kubectl -n video exec (\\S+) -- farm\\.sh (.*?) *# not run");

    private static String page;

    @BeforeAll
    static void read() throws IOException {
        page = Files.readString(Chart.HOME.resolve("docs/deploy.md"));
    }

    @Test
    void shouldShowValuesThatTheChartTakes(@TempDir Path folder) throws IOException {
        var blocks = blocks("yaml");
        assertThat(blocks).hasSizeGreaterThan(5);
        for (String values : blocks) {
            var chart = Chart.render(Files.writeString(folder.resolve("values.yaml"), values));
            assertThat(chart.resources()).as(values).isNotEmpty();
        }
    }

    @Test
    void shouldShowCommandsOfTheFarmThatExist(@TempDir Path folder) throws IOException {
        var chart =
                Chart.render(Files.writeString(folder.resolve("v.yaml"), blocks("yaml").get(0)));
        var names =
                chart.resources().stream()
                        .map(
                                r ->
                                        r.path("kind").asText().toLowerCase(Locale.ROOT)
                                                + "/"
                                                + r.at("/metadata/name").asText())
                        .toList();
        int commands = 0;
        for (String line : lines()) {
            var exec = EXEC.matcher(line);
            if (exec.find()) {
                assertThat(names).contains(exec.group(1).replace("deploy/", "deployment/"));
                var arguments = new ArrayList<>(List.of(exec.group(2).split(" +")));
                arguments.addAll(List.of("--kafka-config", "file", "--store", "/data/store"));
                CommandLines.root().parseArgs(arguments.toArray(String[]::new));
                commands++;
            } else if (line.contains("svc/")) {
                assertThat(names).contains(line.replaceFirst(".*svc/(\\S+).*", "service/$1"));
            }
        }
        assertThat(commands).isGreaterThanOrEqualTo(3);
    }

    /** Lines that are neither tried by a test of this package nor marked. */
    @Test
    void shouldMarkWhatIsNotRun() {
        var tried =
                List.of(
                        // ChartTest and ChartToolsIT, with Helm's code and with Helm
                        "helm lint deploy/helm/reelrank -f values.yaml",
                        "helm template farm deploy/helm/reelrank --namespace video -f values.yaml",
                        // ImageIT, where they were run
                        "deploy/image cpu",
                        "deploy/image cpu arm64",
                        "deploy/image cuda",
                        "mounts=\"-v $PWD/models:/models:ro -v $PWD/data:/samples:ro -v $PWD/outputs:/outputs\"",
                        // a secret of the reader's own
                        "printf 'write %s\\nread %s\\n' \"$(openssl rand -hex 24)\" \"$(openssl rand -hex 24)\" > tokens");
        assertThat(lines().stream().filter(line -> !line.endsWith("# not run")))
                .containsExactlyInAnyOrderElementsOf(tried);
    }

    private static List<String> lines() {
        return blocks("").stream().flatMap(String::lines).filter(l -> !l.isBlank()).toList();
    }

    private static List<String> blocks(String language) {
        return BLOCK.matcher(page)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }
}
