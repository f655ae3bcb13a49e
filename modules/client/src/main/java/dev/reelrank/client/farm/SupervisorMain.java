package dev.reelrank.client.farm;

import java.io.IOException;
import java.nio.file.Path;

/** The supervisor's process. Its one argument is the data folder. */
public final class SupervisorMain {
    private SupervisorMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        var data = DataFolder.of(Path.of(args[0]));
        new Supervisor(data, new ProcessPlan(data)::of).run();
    }
}
