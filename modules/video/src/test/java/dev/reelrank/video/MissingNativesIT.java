package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a process whose class path lacks FFmpeg's natives. */
final class MissingNativesIT {
    @TempDir Path folder;

    @Test
    void aVideoThatCannotBeEncodedForWantOfNativesSaysSo() throws Exception {
        var classPath =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> !entry.matches(".*/ffmpeg-[^/]*-gpl\\.jar"))
                        .collect(Collectors.joining(File.pathSeparator));
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"),
                                "-cp",
                                classPath,
                                Writing.class.getName(),
                                folder.resolve("a.mp4").toString())
                        .redirectErrorStream(true)
                        .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains("FFmpeg's native libraries are missing", "class path");
    }

    /** Prints what a failed video says. */
    static final class Writing {
        public static void main(String[] arguments) {
            try (var writer =
                    BackgroundWriter.start(Path.of(arguments[0]), 64, 48, VideoSettings.h264(16))) {
                writer.accept(new RgbImage(64, 48, new byte[64 * 48 * 3]));
                writer.finish();
                System.out.println("it was encoded");
            } catch (StageException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
