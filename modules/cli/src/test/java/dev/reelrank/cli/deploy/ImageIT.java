package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The archives that {@code deploy/image} has made, in {@code target/images} or the folder of
 * REELRANK_IMAGES. Without one there is nothing to look at.
 */
final class ImageIT {
    /** What an archive may take, uncompressed; NVIDIA's libraries are most of the largest. */
    private static final Map<String, Integer> MEBIBYTES =
            Map.of("cpu-amd64", 900, "cpu-arm64", 800, "cuda-amd64", 4500);

    static List<String> kinds() {
        return MEBIBYTES.keySet().stream().sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldSayWhoRunsWhatAndHowItIsWatched(String kind) throws Exception {
        var archive = archive(kind);
        assertThat(Files.size(archive) >> 20).isBetween(100L, (long) MEBIBYTES.get(kind));
        var image = config(archive);

        assertThat(image.path("architecture").asText()).isEqualTo(kind.replaceFirst(".*-", ""));
        var config = image.path("config");
        assertThat(config.path("User").asText()).isEqualTo("10001:0");
        assertThat(Chart.texts(config.path("Entrypoint")))
                .containsExactly("tini", "--", "entrypoint.sh");
        assertThat(config.path("Cmd").isEmpty()).as("the entry point knows the default").isTrue();
        assertThat(Chart.texts(config.at("/Healthcheck/Test")))
                .containsExactly("CMD", "healthcheck.sh");
        assertThat(config.path("WorkingDir").asText()).isEqualTo("/home/reelrank");
        assertThat(config.path("Volumes").properties().stream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrder("/models", "/samples", "/outputs");
        var variables = Chart.texts(config.path("Env"));
        assertThat(variables).contains("HOME=/home/reelrank", "OPENBLAS_NUM_THREADS=1");
        if (kind.startsWith("cuda")) {
            assertThat(variables).contains("NVIDIA_DRIVER_CAPABILITIES=compute,utility");
        }
        // Reproducible, and pulled again only as far as it changed: base, libraries, project.
        assertThat(image.at("/rootfs/diff_ids")).hasSize(3);
    }

    /** As far as a machine without an engine allows: in a chroot, as the image's user. */
    @ParameterizedTest
    @MethodSource("kinds")
    void shouldStartAsItsUser(String kind) throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root")
                        && kind.endsWith("amd64")
                        && System.getProperty("os.arch").equals("amd64"),
                "an image is started only by root, on its own architecture");
        var archive = archive(kind);
        var root = Files.createTempDirectory("image");
        try {
            startIn(root, archive, kind);
        } finally {
            assertThat(sh("rm -rf --one-file-system '%s'".formatted(root))).isEmpty();
        }
    }

    private static void startIn(Path root, Path archive, String kind)
            throws IOException, InterruptedException {
        for (var layer : manifest(archive).path("Layers")) {
            assertThat(
                            sh(
                                    "tar -xOf '%s' '%s' | tar -C '%s' --exclude=opt/reelrank/models -x"
                                            .formatted(archive, layer.asText(), root)))
                    .isEmpty();
        }

        // An engine gives every container these, and /proc.
        for (var device : List.of("null c 1 3", "random c 1 8", "urandom c 1 9")) {
            assertThat(sh("mknod -m 666 '%s/dev/'%s".formatted(root, device))).isEmpty();
        }
        assertThat(chroot(root, "entrypoint.sh --version")).contains("reelrank");
        assertThat(chroot(root, "id")).contains("uid=10001", "gid=0");
        assertThat(chroot(root, "touch /outputs/a /home/reelrank/b && ls /opt/reelrank/samples"))
                .contains("images", "prompts");
        assertThat(chroot(root, "entrypoint.sh topics list --bootstrap none:1; echo code=$?"))
                .contains("check --bootstrap", "code=2");
        // Nothing beats there, so it is well; a process that does not beat is not.
        assertThat(chroot(root, "healthcheck.sh; echo code=$?")).contains("code=0");
        assertThat(chroot(root, "healthcheck.sh /tmp/none; echo code=$?")).contains("code=1");
        if (kind.startsWith("cuda")) {
            assertThat(
                            chroot(
                                    root,
                                    "cd /usr/local/cuda/lib64 && for l in lib*.so*; do [ -r $l ] || echo $l; done"))
                    .isEmpty();
        }
    }

    private static Path archive(String kind) {
        var images = System.getenv().getOrDefault("REELRANK_IMAGES", "../../target/images");
        var archive = Path.of(images, "reelrank-" + kind + ".tar").toAbsolutePath().normalize();
        assumeTrue(
                Files.isRegularFile(archive),
                () -> "no image is built: deploy/image " + kind.replace('-', ' '));
        return archive;
    }

    private static JsonNode manifest(Path archive) throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(sh("tar -xOf '%s' manifest.json".formatted(archive)))
                .get(0);
    }

    private static JsonNode config(Path archive) throws IOException, InterruptedException {
        var name = manifest(archive).path("Config").asText();
        return new ObjectMapper().readTree(sh("tar -xOf '%s' '%s'".formatted(archive, name)));
    }

    private static String chroot(Path root, String command)
            throws IOException, InterruptedException {
        return run(
                List.of(
                        "unshare",
                        "--mount",
                        "--pid",
                        "--fork",
                        "--mount-proc=" + root.resolve("proc"),
                        "chroot",
                        "--userspec=10001:0",
                        root.toString(),
                        "/usr/bin/env",
                        "-i",
                        "PATH=/usr/local/bin:/usr/bin:/bin",
                        "HOME=/home/reelrank",
                        "sh",
                        "-c",
                        command));
    }

    private static String sh(String command) throws IOException, InterruptedException {
        return run(List.of("sh", "-c", command));
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        var process =
                new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
