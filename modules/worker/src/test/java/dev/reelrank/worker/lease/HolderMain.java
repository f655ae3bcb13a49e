package dev.reelrank.worker.lease;

import java.nio.file.Path;

/** Another process: asks for an amount, says when it is granted, and lives until it is killed. */
final class HolderMain {
    private HolderMain() {}

    public static void main(String[] args) throws Exception {
        var capacity = Capacity.open(Path.of(args[0]), Double.parseDouble(args[1]));
        var claim = capacity.ask(Double.parseDouble(args[2]), "holder");
        System.out.println("asked");
        claim.await(() -> false);
        System.out.println("granted");
        Thread.sleep(600_000);
        claim.close();
    }
}
