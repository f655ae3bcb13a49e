package dev.reelrank.worker.lease;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A claim as its file shows it to others. */
record Entry(long place, State state, double amount, String holder) implements Comparable<Entry> {
    static String name(long place, State state) {
        return "%09d%s".formatted(place, state.suffix());
    }

    static long place(Path file) {
        var name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    static State state(Path file) {
        var name = file.getFileName().toString();
        return State.valueOf(name.substring(name.indexOf('.') + 1).toUpperCase(Locale.ROOT));
    }

    /** What {@link #content} wrote. Never call it for a file of this process. */
    static Entry read(Path file) throws IOException {
        var fields = Files.readString(file).split("\n", 3);
        if (fields.length < 3) {
            throw new IOException(file + " is not a claim");
        }
        return new Entry(place(file), state(file), Double.parseDouble(fields[0]), fields[1]);
    }

    static String content(double amount, String holder) {
        return amount + "\n" + holder + "\n";
    }

    @Override
    public int compareTo(Entry other) {
        return Long.compare(place, other.place);
    }
}
