package dev.reelrank.client.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.process.FileHold;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SupervisorIT {
    @TempDir Path folder;
    private DataFolder data;
    private Thread supervising;

    @BeforeEach
    void supervise() throws Exception {
        data = DataFolder.of(folder);
        // Each process writes which models it was started with, and ends when it is asked to.
        var supervisor =
                new Supervisor(
                        data,
                        spec ->
                                spec.devices().stream()
                                        .map(device -> process(device, spec.models()))
                                        .toList(),
                        Duration.ofSeconds(1));
        supervising =
                new Thread(
                        () -> {
                            try {
                                supervisor.run();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
    }

    @AfterEach
    void awaitEnd() throws InterruptedException {
        supervising.join();
    }

    private ProcessSpec process(String device, String models) {
        if (device.equals("fails")) {
            return ProcessSpec.ofFarm(
                    device,
                    List.of(
                            "/bin/sh",
                            "-c",
                            "[ -e '"
                                    + folder
                                    + "/mended' ] && exec sleep 100; echo no luck; exit 2"),
                    folder.resolve(device + ".log"),
                    null,
                    Duration.ofSeconds(5));
        }
        Path started = folder.resolve(device + ".started");
        return ProcessSpec.ofFarm(
                device,
                List.of("/bin/sh", "-c", "echo " + models + " >>" + started + "; exec sleep 100"),
                folder.resolve(device + ".log"),
                null,
                Duration.ofSeconds(5));
    }

    private static FarmSpec spec(String models, String... devices) {
        return new FarmSpec(
                null,
                null,
                "store",
                true,
                List.of(devices),
                models,
                List.of(),
                30,
                List.of(),
                List.of());
    }

    @Test
    void shouldStartWorkersAnewWhenTheNextCommandNeedsOtherModels() throws Exception {
        try (var first = Attachment.to(data, spec("old", "cpu"))) {
            supervising.start();
            await(() -> lines("cpu").equals(List.of("old")));
        }
        try (var second = Attachment.to(data, spec("new", "cpu"))) {
            await(() -> lines("cpu").equals(List.of("old", "new")));
        }
    }

    @Test
    void shouldKeepWorkersThatSomebodyStillNeedsAsTheyAre() throws Exception {
        try (var first = Attachment.to(data, spec("same", "cpu"))) {
            supervising.start();
            await(() -> lines("cpu").equals(List.of("same")));
            try (var second = Attachment.to(data, spec("same", "cpu", "gpu"))) {
                await(() -> lines("gpu").equals(List.of("same")));
            }
            // What only the second needed ends after a while; what the first needs stays.
            await(() -> pids().size() == 1);
            assertThat(lines("cpu")).containsExactly("same");
        }
    }

    @Test
    void shouldRefuseACommandWhoseModelsTheRunningWorkersDoNotHave() throws Exception {
        try (var first = Attachment.to(data, spec("these", "cpu"))) {
            supervising.start();
            assertThatThrownBy(() -> Farm.attach(data, spec("those", "cpu")))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("--models these, here those")
                    .hasMessageContaining("--data");
            await(() -> lines("cpu").equals(List.of("these")));
        }
    }

    @Test
    void shouldNotFailForWhatAnEarlierSupervisorGaveUp() throws Exception {
        Files.writeString(
                data.supervisorState(),
                "{\"attached\":[\"1-old.json\"],\"children\":[{\"name\":\"broker\",\"pid\":0,\"restarts\":5,\"gaveUp\":\"port"
                        + " taken\",\"log\":\"l\"}]}");
        // Held, so that no supervisor is started that would replace the file.
        try (var hold = FileHold.of(data.supervisorLock());
                var farm = Farm.attach(data, spec("any", "cpu"))) {
            assertThat(hold).isNotNull();
            assertThat(farm.children()).isEmpty();
        }
        supervising.start();
    }

    @Test
    void shouldTryAgainForTheNextCommandWhatWasGivenUpForTheLast() throws Exception {
        try (var first = Attachment.to(data, spec("broken", "fails"))) {
            supervising.start();
            await(() -> Files.exists(data.supervisorState()) && gaveUp());
            Files.createFile(folder.resolve("mended"));
            try (var second = Attachment.to(data, spec("broken", "fails"))) {
                await(() -> !gaveUp());
            }
        }
    }

    @Test
    void shouldEndItsChildrenBeforeItsProcessEndsWhenItIsTerminated() throws Exception {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                SlowToEnd.class.getName(),
                                folder.toString())
                        .inheritIO()
                        .start();
        try (var attached = Attachment.to(data, spec("any", "cpu"))) {
            await(() -> Files.exists(folder.resolve("started")));
            process.destroy();
            process.waitFor();
            assertThat(folder.resolve("ended")).exists();
        } finally {
            process.destroyForcibly();
        }
    }

    /** A supervisor's process with one child, which needs a second to end. */
    static final class SlowToEnd {
        private SlowToEnd() {}

        public static void main(String[] args) throws Exception {
            String child =
                    "trap 'sleep 1; : >ended; exit 0' TERM; : >started; while :; do sleep 0.1; done";
            Path folder = Path.of(args[0]);
            var process =
                    ProcessSpec.ofFarm(
                                    "child",
                                    List.of("/bin/sh", "-c", child),
                                    folder.resolve("child.log"),
                                    null,
                                    Duration.ofSeconds(20))
                            .in(folder);
            new Supervisor(DataFolder.of(folder), spec -> List.of(process), Duration.ofSeconds(9))
                    .run();
        }
    }

    private boolean gaveUp() throws IOException {
        return Files.readString(data.supervisorState()).contains("no luck");
    }

    private List<String> lines(String device) throws Exception {
        Path file = folder.resolve(device + ".started");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private List<String> pids() throws Exception {
        String state = Files.readString(data.supervisorState());
        return state.lines().flatMap(l -> List.of(l.split("\"name\"")).stream().skip(1)).toList();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Instant limit = Instant.now().plusSeconds(30);
        while (!condition.call()) {
            assertThat(Instant.now()).isBefore(limit);
            Thread.sleep(50);
        }
    }
}
