package dev.reelrank.client.run;

import dev.reelrank.pipeline.config.RunConfiguration;
import java.nio.file.Path;
import java.util.List;

/**
 * Carries out a run for ever: arguments are the folder, the run and the submission. Without a
 * submission it says which runs are carried out.
 */
final class HolderMain {
    private HolderMain() {}

    static Intent intent(String run, String submission) {
        return new Intent(
                run,
                submission,
                "/data",
                List.of("fox"),
                null,
                "/out",
                RunConfiguration.defaults());
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 2) {
            System.out.println(
                    new Intents(Path.of(args[0]))
                            .unfinished().stream()
                                    .filter(Intents.Unfinished::living)
                                    .map(Intents.Unfinished::runId)
                                    .toList());
            return;
        }
        try (var claim = new Intents(Path.of(args[0])).begin(intent(args[1], args[2]))) {
            System.out.println("holds " + claim.intent().runId());
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
