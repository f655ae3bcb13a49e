package dev.reelrank.flow.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AutoAlignFileTest {
    private static final AutoAlign SMOOTH =
            new AutoAlign("smooth", 50, 0.02, null, AlignConfig.defaults());
    private static final AutoAlign TASTE =
            new AutoAlign("taste", 5, 0, List.of("selections"), AlignConfig.defaults());

    @TempDir Path folder;

    private Path file() {
        return folder.resolve("align.json");
    }

    @Test
    void shouldKeepATrainingOfEachName() {
        AutoAlignFile.write(file(), AutoAlignFile.readOrNone(file()).with(SMOOTH));
        AutoAlignFile.write(file(), AutoAlignFile.read(file()).with(TASTE));
        var often = new AutoAlign("smooth", 10, 0.02, null, AlignConfig.defaults());
        AutoAlignFile.write(file(), AutoAlignFile.read(file()).with(often));
        var all = AutoAlignFile.read(file());
        assertThat(all.each()).containsExactly(TASTE, often);
        assertThat(all.from(AutoAlign.SELECTIONS)).containsExactly(TASTE);
        assertThat(all.of("smooth")).contains(often);
    }

    @Test
    void shouldLeaveNoFileWithoutATraining() {
        AutoAlignFile.write(file(), AutoAligns.NONE.with(SMOOTH));
        AutoAlignFile.write(file(), AutoAlignFile.read(file()).without("smooth"));
        assertThat(file()).doesNotExist();
        assertThat(AutoAlignFile.readOrNone(file())).isEqualTo(AutoAligns.NONE);
    }

    @Test
    void shouldReadTheOneTrainingOfAnEarlierBuild() throws IOException {
        AutoAlignFile.write(file(), AutoAligns.NONE.with(SMOOTH));
        String list = Files.readString(file()).strip();
        Files.writeString(file(), list.substring(1, list.length() - 1));
        assertThat(AutoAlignFile.read(file()).each()).containsExactly(SMOOTH);
    }

    @Test
    void shouldNameAFileThatNamesATrainingTwice() throws IOException {
        AutoAlignFile.write(file(), AutoAligns.NONE.with(SMOOTH));
        String list = Files.readString(file()).strip();
        String one = list.substring(1, list.length() - 1);
        Files.writeString(file(), "[" + one + "," + one + "]");
        assertThatThrownBy(() -> AutoAlignFile.read(file()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("align.json")
                .hasMessageContaining("names smooth twice");
    }
}
