package dev.reelrank.cli.terminal;

/** What is said on standard error if the process is asked to end while this is open. */
public final class Interruption implements AutoCloseable {
    private final Thread hook;

    private Interruption(Thread hook) {
        this.hook = hook;
    }

    /** Says it once, after Ctrl-C or SIGTERM; never after {@link #close}. */
    public static Interruption saying(String words) {
        var hook = new Thread(() -> System.err.println(words), "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Interruption(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: it is being said.
            return;
        }
    }
}
