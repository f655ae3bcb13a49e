package dev.reelrank.cli;

import dev.reelrank.bus.QueueView;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Starts flow and a worker in this process and ends: the launcher runs it once after a build with
 * {@code -XX:ArchiveClassesAtExit}, so that later processes map their classes instead of reading
 * them.
 */
@Command(
        name = "prepare",
        hidden = true,
        description =
                "Starts one process of each kind and ends; the launcher archives the loaded classes.")
final class PrepareCommand implements Callable<Integer> {
    private static final Duration WITHIN = Duration.ofSeconds(60);

    @Parameters(paramLabel = "DIR", description = "An empty folder; the caller removes it.")
    private Path folder = Path.of("");

    @Override
    public Integer call() throws InterruptedException {
        // Not closed: the worker and flow end after this, and it ends with this process.
        var broker = EmbeddedBroker.start(folder.resolve("broker"));
        String address = broker.connection().bootstrap();
        String store = folder.resolve("store").toString();
        Stores.open(store).close();
        start("flow", "--bootstrap", address, "--state-dir", folder.resolve("flow").toString());
        var worker =
                start(
                        "worker",
                        "grade",
                        "--bootstrap",
                        address,
                        "--store",
                        store,
                        "--models",
                        ModelFolders.rootOrShipped(null).toString(),
                        "--lease-dir",
                        folder.resolve("leases").toString());
        try (var queues = new QueueView(broker.connection())) {
            long until = System.nanoTime() + WITHIN.toNanos();
            while (queues.serving(StageName.GRADE) == 0) {
                if (!worker.isAlive()) {
                    throw new StageException(
                            FailureCode.INTERNAL_ERROR,
                            "the worker ended before it was ready; see its messages above");
                }
                if (System.nanoTime() > until) {
                    throw new StageException(
                            FailureCode.BROKER_UNAVAILABLE,
                            "no worker was ready within " + WITHIN.toSeconds() + " s");
                }
                Thread.sleep(100);
            }
        }
        return ExitCode.OK;
    }

    private static Thread start(String... arguments) {
        var thread = new Thread(() -> Main.commandLine().execute(arguments), arguments[0]);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
