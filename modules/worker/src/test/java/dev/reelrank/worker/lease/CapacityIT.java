package dev.reelrank.worker.lease;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CapacityIT {
    @TempDir Path folder;
    private final List<Process> processes = new ArrayList<>();
    private Capacity gpu;

    @BeforeEach
    void open() {
        gpu = Capacity.open(folder, 24);
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void shouldLetModelsThatFitLiveTogether() {
        try (var a = gpu.ask(10, "a");
                var b = gpu.ask(14, "b")) {
            assertThat(a.granted()).isTrue();
            assertThat(b.granted()).isTrue();
            assertThat(a.wanted()).isFalse();
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.held");
    }

    @Test
    void shouldServeFirstWhoCameFirstEvenIfALaterOneWouldFit() {
        try (var a = gpu.ask(20, "a");
                var big = gpu.ask(10, "big");
                var small = gpu.ask(1, "small")) {
            assertThat(a.granted()).isTrue();
            assertThat(small.granted()).isFalse();
            assertThat(big.granted()).isFalse();
            a.close();
            assertThat(big.granted()).isTrue();
            assertThat(small.granted()).isTrue();
        }
    }

    @Test
    void shouldAskOnlyAsManyHoldersToGoAsAreNeeded() {
        try (var a = gpu.ask(12, "a");
                var b = gpu.ask(12, "b")) {
            assertThat(a.granted()).isTrue();
            assertThat(b.granted()).isTrue();
            try (var waiter = gpu.ask(10, "waiter")) {
                assertThat(waiter.granted()).isFalse();
                assertThat(a.wanted()).isTrue();
                assertThat(a.giveWay()).isTrue();
                assertThat(b.wanted()).isFalse();
                assertThat(b.giveWay()).isFalse();
                // Memory is only free once the holder has unloaded.
                assertThat(waiter.granted()).isFalse();
                a.close();
                assertThat(waiter.granted()).isTrue();
            }
        }
    }

    @Test
    void shouldShowWhoHoldsAndWhoWaitsAndNobodyWhoIsDead() throws Exception {
        Path shared = folder.resolve("leases");
        Path memory = shared.resolve("GPU-1").resolve("memory");
        assertThat(HostLeases.read(shared)).isEmpty();
        var first = holder(memory, 20);
        assertThat(first.readLine()).isEqualTo("asked");
        assertThat(first.readLine()).isEqualTo("granted");
        var second = holder(memory, 10);
        assertThat(second.readLine()).isEqualTo("asked");
        assertThat(HostLeases.read(shared))
                .extracting(l -> l.device() + " " + l.resource() + " " + l.amount() + l.state())
                .containsExactly("GPU-1 memory 20.0held", "GPU-1 memory 10.0waiting");
        processes.get(0).destroyForcibly().waitFor();
        assertThat(second.readLine()).isEqualTo("granted");
        assertThat(HostLeases.read(shared))
                .singleElement()
                .satisfies(l -> assertThat(l.holder()).isEqualTo("holder"));
    }

    @Test
    void shouldRefuseWhatCanNeverFit() {
        assertThatThrownBy(() -> gpu.ask(25, "Wan 14B"))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("Wan 14B")
                .hasMessageContaining("25.00")
                .hasMessageContaining("24.00");
    }

    @Test
    void shouldFreeTheRoomOfAKilledProcessAtOnceAndKeepThatOfAStoppedOne() throws Exception {
        var holder = start(20);
        assertThat(holder.readLine()).isEqualTo("asked");
        assertThat(holder.readLine()).isEqualTo("granted");
        try (var claim = gpu.ask(20, "here")) {
            assertThat(claim.granted()).isFalse();
            var pid = Long.toString(processes.get(0).pid());
            assertThat(new ProcessBuilder("kill", "-STOP", pid).start().waitFor()).isZero();
            assertThat(claim.granted()).isFalse();
            processes.get(0).destroyForcibly().waitFor();
            assertThat(claim.granted()).isTrue();
        }
    }

    @Test
    void shouldSkipAWaiterThatDied() throws Exception {
        try (var first = gpu.ask(20, "first")) {
            assertThat(first.granted()).isTrue();
            var waiter = start(20);
            assertThat(waiter.readLine()).isEqualTo("asked");
            try (var second = gpu.ask(4, "second")) {
                assertThat(second.granted()).isFalse();
                processes.get(0).destroyForcibly().waitFor();
                assertThat(second.granted()).isTrue();
            }
        }
    }

    @Test
    void shouldWaitForASlowProcessAndSendHeartbeatsMeanwhile() throws Exception {
        try (var claim = gpu.ask(20, "here")) {
            var slow = process(SlowMain.class, folder.toString(), "3000");
            assertThat(slow.readLine()).isEqualTo("held true");
            var granted = CompletableFuture.supplyAsync(claim::granted);
            Thread.sleep(200);
            assertThat(granted).isNotDone();
            long before = System.nanoTime();
            claim.beat();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(ofSeconds(1));
            assertThat(granted.get(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private BufferedReader start(double amount) throws IOException {
        return holder(folder, amount);
    }

    private BufferedReader holder(Path at, double amount) throws IOException {
        return process(HolderMain.class, at.toString(), "24", Double.toString(amount));
    }

    private BufferedReader process(Class<?> main, String... arguments) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()));
        command.addAll(List.of(arguments));
        var process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        processes.add(process);
        return process.inputReader(StandardCharsets.UTF_8);
    }
}
