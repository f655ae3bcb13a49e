package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom {@code deploy/healthcheck.sh} kills. */
final class HealthcheckIT {
    private static final Path SCRIPT = Path.of("../../deploy/healthcheck.sh");

    @TempDir Path folder;
    private Process hanging;
    private Process beside;

    @BeforeEach
    void start() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/uptime")), "this system has no /proc");
        hanging = new ProcessBuilder("sleep", "100").start();
        beside = new ProcessBuilder("sleep", "100").start();
    }

    @AfterEach
    void end() {
        hanging.destroyForcibly();
        beside.destroyForcibly();
    }

    @Test
    void aProcessThatBeatsIsLeftAlone() throws Exception {
        assertThat(check(started(hanging), uptime())).isZero();
        assertThat(hanging.isAlive()).isTrue();
    }

    @Test
    void aProcessThatHangsIsKilledAndNoOtherOne() throws Exception {
        assertThat(check(started(hanging), uptime() - 20)).isNotZero();
        assertThat(hanging.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(beside.isAlive()).isTrue();
    }

    @Test
    void aProcessThatHasJustStartedWithTheIdOfTheDeadOneIsNotKilled() throws Exception {
        assertThat(check(started(hanging) - 1, uptime() - 20)).isNotZero();
        Thread.sleep(300);
        assertThat(hanging.isAlive()).isTrue();
    }

    private int check(long started, long beat) throws Exception {
        Path heartbeat =
                Files.writeString(
                        folder.resolve("heartbeat"),
                        hanging.pid() + " " + started + " " + beat + ".25\n");
        return new ProcessBuilder("sh", SCRIPT.toString(), heartbeat.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    private static long started(Process process) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);
    }

    private static long uptime() throws IOException {
        return (long) Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ")[0]);
    }
}
