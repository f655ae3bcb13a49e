package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a process whose folder for temporary files is a disk of 64 KiB, where a mount is allowed. */
final class FullTemporaryFolderIT {
    @TempDir Path folder;

    @BeforeEach
    void aMountIsAllowed() throws Exception {
        Files.createDirectory(folder.resolve("small"));
        Assumptions.assumeTrue(
                run(List.of("true")).code() == 0, "this system mounts nothing for the tests' user");
    }

    record Said(int code, String text) {}

    /** Runs a command in a mount namespace of its own: the disk is seen nowhere else. */
    private Said run(List<String> command) throws IOException, InterruptedException {
        var whole =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "-m",
                                "/bin/sh",
                                "-c",
                                "mount -t tmpfs -o size=64k small \"$0\" && exec \"$@\"",
                                folder.resolve("small").toString()));
        whole.addAll(command);
        Process process;
        try {
            process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        } catch (IOException e) {
            return new Said(127, e.toString());
        }
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }

    @Test
    void aFullDiskIsNotTheSamplesFault() throws Exception {
        var said =
                run(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Djava.io.tmpdir=" + folder.resolve("small"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Writing.class.getName(),
                                folder.resolve("small/a.mp4").toString()));
        assertThat(said.text())
                .contains("a picture of 1024x768")
                .contains("OUT_OF_DISK")
                .contains("no space left")
                .contains("a.mp4");
    }

    /** Says how a picture and a video fare that need more than there is. */
    static final class Writing {
        public static void main(String[] arguments) {
            byte[] noise = new byte[1024 * 768 * 3];
            new Random(1).nextBytes(noise);
            var picture = new RgbImage(1024, 768, noise);
            // On its way it lies in memory: 2 MiB of PNG find no room on that disk.
            byte[] png = Images.png(picture);
            var read = Images.read(png, "picture");
            System.out.printf("a picture of %dx%d%n", read.width(), read.height());
            try (var writer =
                    BackgroundWriter.start(
                            Path.of(arguments[0]), 1024, 768, VideoSettings.h264(16))) {
                for (int i = 0; i < 24; i++) {
                    writer.accept(picture);
                }
                writer.finish();
                System.out.println("it was encoded");
            } catch (StageException e) {
                System.out.println(e.code() + " " + e.getMessage());
            }
        }
    }
}
