package dev.reelrank.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.console.StudioSettings;
import dev.reelrank.console.web.Access.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccessTest {
    @TempDir Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("tokens"), text);
    }

    @Test
    void shouldKnowReadersAndWriters() throws IOException {
        var access = Access.of(file("# ours\nread abcdefghijklmnop\n\nwrite ABCDEFGHIJKLMNOP\n"));
        assertThat(access.role("abcdefghijklmnop")).contains(Role.READ);
        assertThat(access.role("ABCDEFGHIJKLMNOP")).contains(Role.WRITE);
        assertThat(access.role("abcdefghijklmno")).isEmpty();
        assertThat(access.role(null)).isEmpty();
    }

    @Test
    void shouldNameTheLineButNotTheSecret() throws IOException {
        Path file = file("read abcdefghijklmnop\nadmin geheimgeheimgeheim\n");
        assertThatThrownBy(() -> Access.of(file))
                .hasMessageContaining(":2:")
                .hasMessageNotContaining("geheim");
        assertThatThrownBy(() -> Access.of(file("write short\n"))).hasMessageContaining("16");
        assertThatThrownBy(() -> Access.of(file("\n"))).hasMessageContaining("no token");
    }

    @Test
    void shouldRefuseToBeOpenToOtherMachinesWithoutATokenFile() throws IOException {
        assertThatThrownBy(() -> new StudioSettings("0.0.0.0", 0, Access.open(), folder))
                .hasMessageContaining("--token-file");
        new StudioSettings("127.0.0.1", 0, Access.open(), folder);
        new StudioSettings("0.0.0.0", 0, Access.of(file("write ABCDEFGHIJKLMNOP")), folder);
    }
}
