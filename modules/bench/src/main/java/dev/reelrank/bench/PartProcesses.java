package dev.reelrank.bench;

import dev.reelrank.client.farm.JavaCommand;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/** Starts this same command several times, each for a part of the scenes. */
public final class PartProcesses {
    /** Options that the parts get values of their own for, or do without. */
    private static final Set<String> OWN =
            Set.of("--workers", "--devices", "--device", "--threads", "--cache", "--json");

    private static final String HEAP = "1500m";

    private PartProcesses() {}

    /**
     * Runs them to their end.
     *
     * @param words of this command, as they were given
     * @param devices of the processes in turn
     * @param more what else each part is told, by its number
     * @throws StageException INTERNAL_ERROR if one of them fails; what the others wrote is kept
     */
    public static void run(
            List<String> words, int workers, List<String> devices, IntFunction<List<String>> more)
            throws IOException {
        List<Process> running = new ArrayList<>();
        try {
            for (int k = 0; k < workers; k++) {
                var one = new ArrayList<>(shared(words));
                one.addAll(List.of("--part", k + "/" + workers, "--threads", "1"));
                if (!devices.isEmpty()) {
                    one.addAll(List.of("--device", devices.get(k % devices.size())));
                }
                one.addAll(more.apply(k));
                running.add(
                        new ProcessBuilder(JavaCommand.of(HEAP, false, main(), one))
                                .inheritIO()
                                .start());
            }
            for (Process p : running) {
                if (p.waitFor() != 0) {
                    throw new StageException(
                            FailureCode.INTERNAL_ERROR,
                            "a process with a part of the scenes ended with exit code "
                                    + p.exitValue()
                                    + "; its output is above");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "interrupted while other processes measured", e);
        } finally {
            running.forEach(Process::destroy);
        }
    }

    /** The words of this command, without what the parts decide for themselves. */
    private static List<String> shared(List<String> words) {
        var shared = new ArrayList<String>();
        for (int i = 0; i < words.size(); i++) {
            String w = words.get(i);
            if (OWN.contains(w)) {
                i++;
            } else if (OWN.stream().noneMatch(o -> w.startsWith(o + "="))) {
                shared.add(w);
            }
        }
        return shared;
    }

    /** The class that this process was started with. */
    private static String main() {
        return System.getProperty("sun.java.command", "").split(" ", 2)[0];
    }
}
