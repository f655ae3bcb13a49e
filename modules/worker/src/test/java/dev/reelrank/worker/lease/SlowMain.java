package dev.reelrank.worker.lease;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Another process, which is slow while it looks at the lease folder: it holds the mutex. */
final class SlowMain {
    private SlowMain() {}

    public static void main(String[] args) throws Exception {
        Path mutex = Path.of(args[0]).resolve("mutex");
        try (var channel = FileChannel.open(mutex, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            System.out.println("held " + lock.isValid());
            Thread.sleep(Long.parseLong(args[1]));
        }
    }
}
