package dev.reelrank.bus.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostNameTest {
    @TempDir Path folder;

    @Test
    void aHostWhoseNameDoesNotResolveStillHasIt() throws Exception {
        Path kernel = Files.writeString(folder.resolve("hostname"), "no-such-host.invalid\n");
        assertThat(HostName.of(kernel)).isEqualTo("no-such-host.invalid");
    }

    @Test
    void aHostWithoutANameIsNotAFailure() throws Exception {
        assertThat(HostName.of(folder.resolve("not there"))).isNotBlank();
        assertThat(HostName.of(Files.writeString(folder.resolve("none"), "(none)\n"))).isNotBlank();
    }
}
