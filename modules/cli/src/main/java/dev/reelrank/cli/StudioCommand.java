package dev.reelrank.cli;

import dev.reelrank.cli.terminal.Interruption;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The pages. */
@Command(
        name = "studio",
        mixinStandardHelpOptions = true,
        description = {
            "Serves pages to watch runs and judge videos blind, and an HTTP interface to submit them.",
            "Reads the facts of the farm, as status does; any number of studios may run. 'run --studio' starts a run and a studio."
        })
final class StudioCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Mixin StudioOptions options = new StudioOptions();

    @Override
    public Integer call() throws InterruptedException {
        DataFolder data = farm.dataFolder();
        options.settings(data.scratch("studio"));
        try (var session = Session.open(data, farm.brokerOnly(data));
                var studio = options.start(session);
                var interruption =
                        Interruption.saying("The studio at " + studio.address() + " has ended.")) {
            new CountDownLatch(1).await();
            return ExitCode.OK;
        }
    }
}
