package dev.reelrank.client.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.process.FileHold;
import dev.reelrank.client.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
final class SessionIT {
    @TempDir Path folder;
    private DataFolder data;

    @BeforeEach
    void makeFolder() {
        data = DataFolder.of(folder);
    }

    @AfterEach
    void awaitEndOfTheFarm() throws Exception {
        await(this::unsupervised);
    }

    @Test
    void startsOnlyTheBrokerUntilWorkIsAskedFor() throws Exception {
        var whole =
                new FarmSpec(
                        null,
                        null,
                        data.store().toUri().toString(),
                        true,
                        List.of(),
                        "",
                        List.of(),
                        5,
                        List.of(),
                        List.of());
        try (var session = Session.openToRead(data, whole)) {
            await(() -> !session.farm().children().isEmpty());
            assertThat(names(session)).containsExactly("broker");
            session.work();
            await(() -> names(session).equals(List.of("broker", "flow")));
        }
    }

    private static List<String> names(Session session) {
        return session.farm().children().stream().map(ChildState::name).sorted().toList();
    }

    private boolean unsupervised() throws IOException {
        try (var hold = FileHold.of(data.supervisorLock())) {
            return hold != null;
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Instant limit = Instant.now().plusSeconds(60);
        while (!condition.call()) {
            assertThat(Instant.now()).isBefore(limit);
            Thread.sleep(100);
        }
    }
}
