package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.cli.CommandLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code evaluate} of the compose file. A script in the place of the entry point notes its calls.
 */
final class EvaluateScriptIT {
    @TempDir Path folder;

    private record Answer(int code, String said) {}

    @BeforeEach
    void makeARun() throws IOException {
        for (String made : new String[] {"samples/images", "samples/prompts", "models", "bin"}) {
            Files.createDirectories(folder.resolve(made));
        }
        write("samples/images/a.png", "");
        write("samples/images/b.webp", "");
        write("samples/prompts/a.txt", "a ring");
        write("samples/prompts/b.txt", "a cat; it \"jumps\"");
        write("outputs/first/report.json", "{}");
        write("outputs/first/a.mp4", "");
        write("outputs/first/b.mp4", "");
        var entry =
                write(
                        "bin/entrypoint.sh",
                        "#!/bin/sh\nprintf '%s\\n' \"$@\" >>\"$CALLS\"\n[ -z \"${FAIL:-}\" ] || exit 70\necho '{}'\n");
        Files.setPosixFilePermissions(entry, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void shouldMeasureEachVideoOfTheLatestRunOnce() throws Exception {
        assertThat(evaluate("").said()).contains("2 videos of first measured");

        var calls = Files.readAllLines(folder.resolve("calls"));
        assertThat(calls)
                .contains("a ring", "a cat; it \"jumps\"", folder + "/samples/images/b.webp");
        var second = calls.subList(0, calls.size() / 2);
        CommandLines.root().parseArgs(second.toArray(String[]::new));
        assertThat(folder.resolve("outputs/first/evaluation/a.json")).hasContent("{}");
        assertThat(evaluate("").said()).contains("0 videos of first measured");
    }

    @Test
    void shouldLeaveNoHalfFigureBehindAndNameWhatIsMissing() throws Exception {
        assertThat(evaluate("1").code()).isEqualTo(70);
        assertThat(folder.resolve("outputs/first/evaluation/a.json")).doesNotExist();

        Files.delete(folder.resolve("samples/images/a.png"));
        var answer = evaluate("");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.said()).contains("a.mp4 belongs to no sample", "mount the dataset");

        Files.delete(folder.resolve("outputs/first/report.json"));
        assertThat(evaluate("").said()).contains("name one of: first");
    }

    private Answer evaluate(String fail) throws IOException, InterruptedException {
        var script =
                write(
                        "evaluate.sh",
                        Files.readString(Chart.HOME.resolve("deploy/evaluate.sh"))
                                .replace("samples=/samples", "samples=" + folder + "/samples")
                                .replace(" /models", " " + folder + "/models"));
        var builder = new ProcessBuilder("sh", script.toString()).redirectErrorStream(true);
        var environment = builder.environment();
        environment.put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
        environment.put("REELRANK_OUTPUTS", folder.resolve("outputs").toString());
        environment.put("CALLS", folder.resolve("calls").toString());
        environment.put("FAIL", fail);
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Answer(process.exitValue(), said);
    }

    private Path write(String name, String text) throws IOException {
        var file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
