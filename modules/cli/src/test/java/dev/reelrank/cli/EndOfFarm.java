package dev.reelrank.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** Ends the farm of a data folder, which writes into the folder until then. */
final class EndOfFarm {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private EndOfFarm() {}

    /** It would end by itself, a few seconds after the last command; it is asked to do so now. */
    static void await(Path data) throws IOException, InterruptedException {
        ask(data);
        Path lock = data.resolve("supervisor.lock");
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (Files.exists(lock) && System.nanoTime() < limit) {
            try (var channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                if (channel.tryLock() != null) {
                    return;
                }
            }
            Thread.sleep(50);
        }
    }

    /** The supervisor is the parent of what it has started. */
    private static void ask(Path data) throws IOException {
        Path state = data.resolve("supervisor.json");
        if (!Files.exists(state)) {
            return;
        }
        for (JsonNode child : new ObjectMapper().readTree(state.toFile()).path("children")) {
            long pid = child.path("pid").asLong();
            var supervisor = ProcessHandle.of(pid).flatMap(ProcessHandle::parent);
            if (pid > 0 && supervisor.isPresent()) {
                supervisor.get().destroy();
                return;
            }
        }
    }
}
