package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What {@code deploy/} names must be there: the command line knows its commands, the tree its
 * files.
 */
final class DeploymentCommandsIT {
    private static final Path HOME = Path.of("../..");
    private static final Path DEPLOY = HOME.resolve("deploy");

    /** Addresses as farm.sh adds them. */
    private static final List<String> ADDRESSES =
            List.of("--bootstrap", "kafka:9092", "--store", "/data/store");

    @Test
    void shouldStartServicesWithOptionsThatExist() throws IOException {
        int commands = 0;
        for (var service : services().values()) {
            if (((Map<?, ?>) service).get("command") instanceof List<?> command) {
                var arguments = new ArrayList<>(command.stream().map(String::valueOf).toList());
                if (arguments.get(0).startsWith("-")) {
                    // What entrypoint.sh makes of options alone.
                    arguments.add(0, "run");
                }
                assertThat(parse(arguments)).as("%s", arguments).isNotEmpty();
                commands++;
            }
        }
        assertThat(commands)
                .as("flow, a worker per stage, trainings, one sample alone")
                .isEqualTo(8);
    }

    /** Without a store, flow refuses every JSON submission with an image in it. */
    @Test
    void shouldGiveFlowTheStoreOfTheWorkers() throws IOException {
        for (String name : List.of("flow", "candidate")) {
            var command = (List<?>) ((Map<?, ?>) services().get(name)).get("command");
            int store = command.indexOf("--store");
            assertThat(store).as(name).isPositive();
            assertThat(command.get(store + 1)).isEqualTo("/data/store");
        }
        var volumes = (List<?>) ((Map<?, ?>) services().get("flow")).get("volumes");
        assertThat(volumes.contains("store:/data/store")).isTrue();
    }

    /** Every line of the head that says {@code run --rm reelrank …}. */
    @Test
    void shouldDescribeCommandsThatTheFarmScriptCanStart() throws IOException {
        var shown =
                Pattern.compile("run --rm reelrank ((?:[^ \\n]+ )*[^ \\n]+?)(?:  +|\\n)")
                        .matcher(Files.readString(DEPLOY.resolve("compose.yaml")));
        int count = 0;
        while (shown.find()) {
            if (shown.group(1).startsWith("COMMAND")) {
                continue;
            }
            var arguments = new ArrayList<>(List.of(shown.group(1).strip().split(" +")));
            arguments.addAll(ADDRESSES);
            assertThat(parse(arguments)).as("%s", arguments).isNotEmpty();
            count++;
        }
        assertThat(count).isGreaterThanOrEqualTo(3);
        assertThat(Files.readString(DEPLOY.resolve("farm.sh")))
                .contains("\"$@\" ${REELRANK_FARM:-" + String.join(" ", ADDRESSES) + "}");
    }

    @Test
    void shouldCopyAndMountOnlyWhatTheTreeHas() throws IOException {
        for (var file : List.of("Containerfile.cpu", "Containerfile.cuda")) {
            var copied =
                    Pattern.compile("deploy/[a-z]+\\.sh")
                            .matcher(Files.readString(DEPLOY.resolve(file)))
                            .results()
                            .map(found -> found.group())
                            .toList();
            assertThat(copied).hasSize(4);
            copied.forEach(script -> assertThat(HOME.resolve(script)).exists());
        }
        var compose = Files.readString(DEPLOY.resolve("compose.yaml"));
        for (var mounted : List.of("../models/testbed", "../samples")) {
            assertThat(compose).contains(mounted);
            assertThat(DEPLOY.resolve(mounted)).isDirectory();
        }
        for (var file : List.of("Containerfile.cpu", "Containerfile.cuda")) {
            assertThat(compose).contains("dockerfile: deploy/" + file);
        }
    }

    /** The names of the commands in use; fails where an option or a command is not known. */
    private static List<String> parse(List<String> arguments) {
        return Main.commandLine()
                .parseArgs(arguments.toArray(String[]::new))
                .asCommandLineList()
                .stream()
                .map(c -> c.getCommandName())
                .skip(1)
                .toList();
    }

    private static Map<?, ?> services() throws IOException {
        try (var in = Files.newInputStream(DEPLOY.resolve("compose.yaml"))) {
            var compose =
                    (Map<?, ?>)
                            new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build())
                                    .loadFromInputStream(in);
            return (Map<?, ?>) compose.get("services");
        }
    }
}
