package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code status} starts a farm's broker and reads from it, wherever and as whomever it runs. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class StrangePlacesIT {
    @TempDir Path folder;

    /**
     * A surrounding of the command.
     *
     * @param data its data folder, within a temporary one
     * @param options of Java
     * @param environment beside that of the test; DATA in a value stands for the data folder, and
     *     HERE for the temporary one
     */
    record Place(String name, String data, List<String> options, Map<String, String> environment) {
        static Place data(String name) {
            return new Place(
                    "a data folder called '" + name + "'",
                    name,
                    List.of(),
                    Map.of("REELRANK_DATA", "DATA", "LC_ALL", "C.UTF-8"));
        }

        static Place option(String... options) {
            return new Place(
                    String.join(" ", options),
                    "data",
                    List.of(options),
                    Map.of("REELRANK_DATA", "DATA"));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Place> places() {
        return Stream.of(
                Place.data("dätä 文件"),
                Place.data("one, two"),
                Place.data("a=b"),
                Place.data("it's $HOME"),
                Place.option("-Duser.language=tr", "-Duser.country=TR"),
                Place.option("-Duser.language=ar", "-Duser.country=EG"),
                new Place(
                        "empty variables",
                        "xdg/reelrank",
                        List.of(),
                        Map.of("REELRANK_DATA", "", "XDG_DATA_HOME", "HERE/xdg")),
                new Place(
                        "a user without an entry in passwd",
                        ".local/share/reelrank",
                        List.of("-Duser.home=?", "-Duser.name=?"),
                        Map.of("REELRANK_DATA", "", "XDG_DATA_HOME", "", "HOME", "HERE")));
    }

    @ParameterizedTest
    @MethodSource("places")
    void statusStartsIn(Place place) throws Exception {
        Path data;
        try {
            data = folder.resolve(place.data());
        } catch (InvalidPathException e) {
            Assumptions.abort("the tests' own locale cannot name this folder");
            return;
        }
        Path said = folder.resolve("said.log");
        var command = command(place.options());
        try {
            assertThat(start(command, place.environment(), data, said)).as(text(said)).isZero();
            assertThat(text(said)).contains("There is no run yet");
            assertThat(data.resolve("broker/kafka/meta.properties")).exists();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                    .as("the data folder is its owner's alone")
                    .isEqualTo("rwx------");
            assertThat(folder.resolve("?")).doesNotExist();
        } finally {
            EndOfFarm.await(data);
        }
    }

    @Test
    void tooFewOpenFilesAreCalledThat() throws Exception {
        Path said = folder.resolve("said.log");
        Path data = folder.resolve("data");
        var command = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 256; exec \"$@\"", "sh"));
        command.addAll(command(List.of()));
        try {
            assertThat(start(command, Map.of("REELRANK_DATA", "DATA"), data, said))
                    .as(text(said))
                    .isNotZero();
            assertThat(text(said)).contains("ulimit -n").doesNotContain("--bootstrap");
        } finally {
            EndOfFarm.await(data);
        }
    }

    /** The remedy comes before any work is taken, so that no sample is blamed for the machine. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "size=1m|4|has 0 MiB left|free some",
                "noexec|2|is mounted noexec|mount it with exec"
            })
    void aWorkerWhoseTemporaryFolderIsOfNoUseSaysSo(
            String options, int code, String why, String remedy) throws Exception {
        Path said = folder.resolve("said.log");
        Path small = Files.createDirectory(folder.resolve("small"));
        String mount = "mount -t tmpfs -o " + options + " small '" + small + "'";
        Assumptions.assumeTrue(mayMount(mount), "this system mounts nothing for the tests' user");
        for (var process : List.of(List.of("flow"), List.of("worker", "prompt"))) {
            var command = new ArrayList<>(List.of("unshare", "-m", "/bin/sh", "-c"));
            command.add(
                    mount + "; dd if=/dev/zero of='" + small + "/f' bs=900k count=1; exec \"$@\"");
            command.add("sh");
            command.addAll(command(List.of("-Djava.io.tmpdir=" + small)));
            command.remove(command.size() - 1);
            command.addAll(process);
            command.addAll(List.of("--bootstrap", "127.0.0.1:1"));
            if (process.size() == 2) {
                command.addAll(
                        List.of("--store", folder.toString(), "--models", folder.toString()));
            }
            assertThat(start(command, Map.of(), folder.resolve("data"), said))
                    .as("%s: %s", process, text(said))
                    .isEqualTo(code);
            assertThat(text(said)).contains(small.toString(), why, remedy);
        }
    }

    private static boolean mayMount(String mount) throws Exception {
        try {
            return new ProcessBuilder("unshare", "-m", "/bin/sh", "-c", mount)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aPortThatIsTakenIsNamedAndNotTheAddress() throws Exception {
        Path said = folder.resolve("said.log");
        Path data = folder.resolve("data");
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Files.createDirectories(data.resolve("broker"));
            Files.writeString(
                    data.resolve("broker/broker.json"),
                    "{\"port\": %d, \"controllerPort\": %d}"
                            .formatted(taken.getLocalPort(), freePort()));
            assertThat(start(command(List.of()), Map.of("REELRANK_DATA", "DATA"), data, said))
                    .isNotZero();
            assertThat(text(said))
                    .contains("another program uses port " + taken.getLocalPort())
                    .doesNotContain("--bootstrap");
        } finally {
            EndOfFarm.await(data);
        }
        // Mended, the next command goes on at once: nothing has to be deleted by hand.
        Files.delete(said);
        try {
            assertThat(start(command(List.of()), Map.of("REELRANK_DATA", "DATA"), data, said))
                    .as(text(said))
                    .isZero();
        } finally {
            EndOfFarm.await(data);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static List<String> command(List<String> options) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(options);
        command.addAll(ReelrankProcess.classes());
        command.addAll(List.of("dev.reelrank.cli.Main", "status"));
        return command;
    }

    private int start(List<String> command, Map<String, String> environment, Path data, Path said)
            throws Exception {
        var builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        environment.forEach(
                (name, value) ->
                        builder.environment()
                                .put(
                                        name,
                                        value.replace("DATA", data.toString())
                                                .replace("HERE", folder.toString())));
        return builder.start().waitFor();
    }

    private static String text(Path said) throws Exception {
        return Files.exists(said) ? Files.readString(said, StandardCharsets.UTF_8) : "";
    }
}
