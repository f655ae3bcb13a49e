package dev.reelrank.torch;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder into which JavaCPP unpacks libtorch, which all processes of a user share.
 *
 * <p>The workers of a fresh machine start together, and each unpacks what is not there yet. One of
 * them once loaded a library that another still wrote, and died of a bus error. So until one
 * process has loaded everything, they load one after another.
 */
final class NativeCache {
    private static final Logger LOG = LoggerFactory.getLogger(NativeCache.class);

    private final Path folder;
    private final String libraries;

    /**
     * @param folder of JavaCPP's cache
     * @param libraries which libraries are unpacked, as a file name; other versions have another
     */
    NativeCache(Path folder, String libraries) {
        this.folder = folder;
        this.libraries = libraries;
    }

    /** The name of the libtorch of a class path: CPU and CUDA builds have different jars. */
    static String libraries(String classPath) {
        var jars =
                Arrays.stream(classPath.split(File.pathSeparator, -1))
                        .map(entry -> entry.substring(entry.lastIndexOf(File.separatorChar) + 1))
                        .filter(jar -> jar.startsWith("pytorch"))
                        .sorted()
                        .toList();
        return "libtorch-%08x".formatted(jars.hashCode());
    }

    /**
     * Loads; alone on this machine, unless these libraries have been loaded from here before. A
     * folder that cannot be written, as in an image, was filled by somebody else.
     */
    void load(Runnable load) {
        Path loaded = folder.resolve("." + libraries + ".loaded");
        if (Files.exists(loaded) || !Files.isWritable(folder)) {
            load.run();
            return;
        }
        try (var channel =
                        FileChannel.open(
                                folder.resolve("." + libraries + ".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            LOG.debug("loading libtorch for the first time, lock {}", lock);
            load.run();
            if (!Files.exists(loaded)) {
                Files.createFile(loaded);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot lock %s, where libtorch is unpacked; choose another folder with -Dorg.bytedeco.javacpp.cachedir"
                            .formatted(folder),
                    e);
        }
    }
}
