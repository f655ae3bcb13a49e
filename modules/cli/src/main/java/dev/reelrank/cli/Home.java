package dev.reelrank.cli;

import java.nio.file.Path;

/** The folder of the installation: bundled samples and models lie in it. */
final class Home {
    private Home() {}

    /** What the launcher says, else the present folder. */
    static Path folder() {
        return Path.of(System.getProperty("reelrank.home", ".")).toAbsolutePath().normalize();
    }
}
