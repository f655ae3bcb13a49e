package dev.reelrank.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * In a process with a disk of 24 MiB of its own that really becomes full, where a mount is allowed.
 */
final class FullDiskIT {
    private static final String MOUNT = "mount -t tmpfs -o size=24m small \"$0\" && exec \"$@\"";

    @TempDir Path folder;

    private Path disk;

    /** As root, or as root of a user namespace; empty where neither may mount. */
    private List<String> namespace = List.of();

    @BeforeEach
    void aMountIsAllowed() throws Exception {
        disk = Files.createDirectory(folder.resolve("small"));
        for (var way : List.of(List.of("unshare", "-m"), List.of("unshare", "-r", "-m"))) {
            if (run(way, List.of("true")).code() == 0) {
                namespace = way;
                return;
            }
        }
        Assumptions.abort(
                "NOT TESTED: a full disk. This system mounts nothing for the tests' user");
    }

    private record Said(int code, String text) {}

    private Said run(List<String> way, List<String> command) throws Exception {
        var whole = new ArrayList<>(way);
        whole.addAll(List.of("/bin/sh", "-c", MOUNT, disk.toString()));
        whole.addAll(command);
        Process process;
        try {
            process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        } catch (IOException e) {
            return new Said(127, e.toString());
        }
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Said(process.exitValue(), text);
    }

    /** What the process said about each thing. */
    private Map<String, String> trained(Path store, Path temporary) throws Exception {
        var said =
                run(
                        namespace,
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:TieredStopAtLevel=1",
                                "-Djava.io.tmpdir=" + temporary,
                                "-cp",
                                System.getProperty("java.class.path"),
                                FullDiskMain.class.getName(),
                                folder.toString(),
                                store.toString(),
                                disk.toString()));
        assertThat(said.code()).as(said.text()).isZero();
        var lines = new TreeMap<String, String>();
        said.text()
                .lines()
                .filter(line -> line.contains(": "))
                .forEach(
                        line -> {
                            int at = line.indexOf(": ");
                            lines.put(line.substring(0, at), line.substring(at + 2));
                        });
        assertThat(lines).as(said.text()).containsKeys("filled", "kept", "left over", "steps");
        assertThat(lines.get("filled")).contains("No space left on device");
        return lines;
    }

    private static void assertItGoesOn(Map<String, String> said) {
        assertThat(said.get("kept"))
                .as("the last good states, whole, and nothing that looks like one")
                .matches(
                        "\\{checkpoint-2\\.safetensors=(\\d+), checkpoint-4\\.safetensors=\\1, [a-z.]+=\\d+}");
        assertThat(said.get("left over")).isEqualTo("{}");
        assertThat(said.get("steps")).isEqualTo("[5, 6, 7]");
        assertThat(said.get("ended")).isEqualTo(said.get("undisturbed")).contains("transformer_2=");
    }

    @Test
    void aStoreThatIsFullKeepsTheLastGoodStateAndTheTrainingGoesOnWhenThereIsRoom()
            throws Exception {
        Path store = disk.resolve("store");
        var said = trained(store, Files.createDirectory(folder.resolve("temporary")));
        assertThat(said.get("failed"))
                .startsWith("OUT_OF_DISK store " + store + " is full")
                .contains("checkpoint-6.safetensors")
                .contains("free some room there");
        assertItGoesOn(said);
    }

    @Test
    void aTemporaryFolderThatIsFullKeepsTheLastGoodStateToo() throws Exception {
        var said = trained(folder.resolve("store"), disk);
        assertThat(said.get("failed"))
                .startsWith("OUT_OF_DISK cannot write the state of step 6: cannot write " + disk)
                .contains("state-6.safetensors: No space left on device")
                .contains("free some space or choose another folder");
        assertItGoesOn(said);
    }
}
