package dev.reelrank.client.farm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A child process to keep alive.
 *
 * @param name for people, and of its log file
 * @param command program and arguments
 * @param environment variables beside those of this process, by name
 * @param log its standard output and error are appended here
 * @param heartbeat a file that a healthy process touches; null for none
 * @param stopTimeout how long it may take to end when asked
 */
public record ProcessSpec(
        String name,
        List<String> command,
        Map<String, String> environment,
        Path log,
        @Nullable Path heartbeat,
        Duration stopTimeout,
        KeepAlive keepAlive) {

    /** A process of a farm. */
    static ProcessSpec ofFarm(
            String name,
            List<String> command,
            Path log,
            @Nullable Path heartbeat,
            Duration stopTimeout) {
        return new ProcessSpec(
                name, command, Map.of(), log, heartbeat, stopTimeout, KeepAlive.FARM);
    }
}
