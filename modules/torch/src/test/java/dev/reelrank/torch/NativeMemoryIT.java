package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In processes whose heap is small beside their tensors. */
final class NativeMemoryIT {
    /** Eight times as much as the heap may be. */
    private static final int NUMBERS = 128 << 20;

    @Test
    void shouldMakeTensorsLargerThanFourTimesTheHeap() throws Exception {
        assertThat(said()).contains("512 MiB made");
    }

    @Test
    void shouldKeepALimitThatSomebodySet() throws Exception {
        assertThat(said("-Dorg.bytedeco.javacpp.maxphysicalbytes=300m"))
                .contains("Physical memory usage is too high");
    }

    private static String said(String... options) throws Exception {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Making.class.getName()));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    /** Makes two large tensors, and a third one that finds their memory in use. */
    static final class Making {
        private Making() {}

        public static void main(String[] arguments) {
            try (var scope = TensorScope.open()) {
                var ones = Ops.add(Ops.zeros(TorchDevice.cpu(), DType.FLOAT32, NUMBERS), 1);
                var firsts = ones.narrow(0, 0, NUMBERS / 2);
                System.out.println((firsts.numel() * 8 >> 20) + " MiB made");
            }
        }
    }
}
