package dev.reelrank.bench.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.testbed.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NoticingRunIT {
    @TempDir private Path work;

    @Test
    void shouldGoOnWithTheRoomsThatAreMissing() throws IOException {
        var said = new ArrayList<String>();
        var run = new NoticingRun(new RoomNoticing(null), Split.VALIDATION, 2, work, said::add);
        List<RoomCase> one = run.cases(3, 1);
        assertThat(one).extracting(RoomCase::made).hasSize(16).doesNotHaveDuplicates();
        assertThat(said).containsExactly("room 3 is done");
        // A room that is there is not looked at again.
        Files.copy(work.resolve("validation-3.json"), work.resolve("validation-2.json"));
        assertThat(run.cases(2, 2)).hasSize(32).endsWith(one.toArray(RoomCase[]::new));
        assertThat(said).hasSize(1);
        assertThat(work).isDirectoryNotContaining("glob:**.part");
    }
}
