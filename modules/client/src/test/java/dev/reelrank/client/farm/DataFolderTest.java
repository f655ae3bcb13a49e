package dev.reelrank.client.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
    @TempDir Path folder;

    @Test
    void aNewDataFolderIsItsOwnersAlone() throws IOException {
        var data = DataFolder.of(folder.resolve("home/data"));
        assertThat(rights(data.root())).isEqualTo("rwx------");
        assertThat(rights(folder.resolve("home"))).as("what others may use").startsWith("rwxr");
    }

    @Test
    void whatAFarmMakesInAnOldDataFolderIsItsOwnersAlone() throws IOException {
        Path root = Files.createDirectory(folder.resolve("old"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        var data = DataFolder.of(root);
        for (Path part :
                List.of(
                        data.broker(),
                        data.store(),
                        data.attached(),
                        data.leases(),
                        data.logs(),
                        data.temporary("flow").getParent(),
                        data.scratch("flow").getParent())) {
            assertThat(rights(part)).as("%s", part).isEqualTo("rwx------");
        }
    }

    @Test
    void aDataFolderThatThisUserMayNotWriteToIsCalledThatAndItsOwnerNamed() {
        // Nobody may make a folder here, not even root.
        Path foreign = Path.of("/proc/sys/kernel");
        Assumptions.assumeTrue(Files.isDirectory(foreign), "this system has no /proc");
        assertThatThrownBy(() -> new DataFolder(foreign).store())
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("cannot write to the data folder /proc/sys/kernel")
                .hasMessageContaining("belongs to root")
                .hasMessageContaining("--data");
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
