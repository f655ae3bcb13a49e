package dev.reelrank.cli;

import dev.reelrank.bus.broker.BrokerFolder;
import dev.reelrank.client.Session;
import dev.reelrank.client.farm.DataFolder;
import dev.reelrank.pipeline.ExitCode;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Keeps the broker running for other programs. */
@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description =
                "Runs the data folder's broker until Ctrl-C and prints its address (loopback), for kcat and for workers that you start yourself.")
final class BrokerCommand implements Callable<Integer> {
    @Mixin FarmOptions farm = new FarmOptions();

    @Option(
            names = "--local-secret",
            description =
                    "From now on, the broker of this data folder accepts only clients that can read DATA/broker/client.properties. Without this option, it accepts every user of this machine.")
    boolean localSecret;

    @Override
    public Integer call() throws InterruptedException {
        DataFolder data = farm.dataFolder();
        if (localSecret) {
            new BrokerFolder(data.broker()).askForSecret();
        }
        try (var session = Session.open(data, farm.brokerOnly(data))) {
            System.out.println(session.connection().bootstrap());
            System.err.println("The broker runs until you press Ctrl-C.");
            // The session keeps the broker running until Ctrl-C ends this process.
            new CountDownLatch(1).await();
            return ExitCode.OK;
        }
    }
}
