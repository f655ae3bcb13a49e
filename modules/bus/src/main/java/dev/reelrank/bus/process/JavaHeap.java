package dev.reelrank.bus.process;

import java.util.List;

/**
 * The heap of a process of this build.
 *
 * <p>It begins small. Java's own beginning is a 64th of the machine's memory: its old generation
 * then has room for what nobody needs any more, nothing is collected there for half an hour, and
 * meanwhile the process grows. One that begins small is collected first and grows if that is not
 * enough.
 */
public final class JavaHeap {
    private JavaHeap() {}

    /**
     * Options of Java.
     *
     * @param most for example 512m
     */
    public static List<String> upTo(String most) {
        return List.of("-XX:+UseSerialGC", "-Xms32m", "-Xmx" + most);
    }
}
