package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.cli.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the image starts: without a command everything, on its three mounts; else what was asked
 * for. A script in the place of Java says with which arguments it was started.
 */
final class EntrypointIT {
    private static final Path SCRIPT = Chart.HOME.resolve("deploy/entrypoint.sh");

    @TempDir Path folder;

    @BeforeEach
    void makeMounts() throws IOException {
        for (String mount : List.of("models", "samples", "outputs", "bin")) {
            Files.createDirectory(folder.resolve(mount));
        }
        var java =
                Files.writeString(folder.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void shouldRunTheBundledSamplesWhereNothingIsMounted() throws Exception {
        assertThat(start()).containsExactly("run", "--out", folder + "/outputs");
    }

    @Test
    void shouldRunEverythingOnWhatIsMounted() throws Exception {
        Files.createDirectory(folder.resolve("models/wan"));
        Files.createDirectory(folder.resolve("samples/images"));

        assertThat(start())
                .containsExactly(
                        "run",
                        "--out",
                        folder + "/outputs",
                        "--dataset",
                        folder + "/samples",
                        "--models",
                        folder + "/models",
                        "--preset",
                        "final");
    }

    @Test
    void shouldTakeOptionsOfTheRunAloneAndNotRepeatThem() throws Exception {
        Files.createDirectory(folder.resolve("models/wan"));

        assertThat(start("--gpus", "1", "--config=my.yaml", "--models", "/elsewhere"))
                .containsExactly(
                        "run",
                        "--gpus",
                        "1",
                        "--config=my.yaml",
                        "--models",
                        "/elsewhere",
                        "--out",
                        folder + "/outputs");
    }

    @Test
    void shouldStartTheCommandThatWasAskedFor() throws Exception {
        assertThat(start("models", "list")).containsExactly("models", "list");
        assertThat(start("--version")).containsExactly("--version");
    }

    /** The arguments of the command, which the real command line must take. */
    private List<String> start(String... arguments) throws IOException, InterruptedException {
        // The mounts are at the root of an image.
        var script =
                Files.writeString(
                        folder.resolve("entrypoint.sh"),
                        Files.readString(SCRIPT)
                                .replaceAll(" /(models|samples|outputs)\\b", " " + folder + "/$1"));
        var command = new ArrayList<>(List.of("sh", script.toString()));
        command.addAll(Arrays.asList(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("REELRANK_PRESET");
        builder.environment().remove("REELRANK_SERVICE");
        builder.environment().put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
        var process = builder.start();
        var lines = new String(process.getInputStream().readAllBytes()).lines().toList();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s", lines).isZero();
        var started = lines.subList(lines.indexOf("dev.reelrank.cli.Main") + 1, lines.size());
        CommandLines.root().parseArgs(started.toArray(String[]::new));
        return started;
    }
}
