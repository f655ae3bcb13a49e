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
 * @param temporary a folder for its temporary files, emptied before every start because a killed
 *     process leaves them; null for the system's
 * @param directory where it starts, null for where this process is
 * @param stopTimeout how long it may take to end when asked
 */
public record ProcessSpec(
        String name,
        List<String> command,
        Map<String, String> environment,
        Path log,
        @Nullable Path heartbeat,
        @Nullable Path temporary,
        @Nullable Path directory,
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
                name, command, Map.of(), log, heartbeat, null, null, stopTimeout, KeepAlive.FARM);
    }

    /** The same with a folder of its own for temporary files. */
    ProcessSpec withTemporary(Path folder) {
        return new ProcessSpec(
                name,
                command,
                environment,
                log,
                heartbeat,
                folder,
                directory,
                stopTimeout,
                keepAlive);
    }

    /** The same, started in a folder. */
    ProcessSpec in(Path folder) {
        return new ProcessSpec(
                name,
                command,
                environment,
                log,
                heartbeat,
                temporary,
                folder,
                stopTimeout,
                keepAlive);
    }
}
