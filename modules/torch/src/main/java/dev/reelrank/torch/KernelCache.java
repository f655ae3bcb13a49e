package dev.reelrank.torch;

import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels in a folder that all processes of a user share, so that a kernel is compiled
 * once on a machine and not in every process. A folder that cannot be used costs the compilation,
 * and nothing else.
 *
 * @param folder made when the first kernel is kept; null keeps nothing
 */
record KernelCache(@Nullable Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);
    private static final int HASH = 64;

    /** Where there is no folder: every kernel is compiled. */
    static KernelCache none() {
        return new KernelCache(null);
    }

    /**
     * The kernel of a key; compiled and kept if it is not there, or not as it was written.
     *
     * @param key everything that decides what the compiler makes: compiler, options, source
     */
    byte[] get(String key, Supplier<byte[]> compile) {
        if (folder == null) {
            return compile.get();
        }
        Path file = folder.resolve(Sha256.of(key) + ".cubin");
        var kept = read(file);
        if (kept.isPresent()) {
            return kept.get();
        }
        byte[] made = compile.get();
        keep(folder, file, made);
        return made;
    }

    /** The file begins with the hash of the rest: a driver is given nothing that is cut off. */
    private static Optional<byte[]> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            byte[] all = Files.readAllBytes(file);
            if (all.length <= HASH) {
                return Optional.empty();
            }
            byte[] kernel = Arrays.copyOfRange(all, HASH, all.length);
            String hash = new String(all, 0, HASH, StandardCharsets.US_ASCII);
            if (hash.equals(Sha256.of(kernel))) {
                return Optional.of(kernel);
            }
            LOG.warn("{} is not as it was written: the kernel is compiled again", file);
        } catch (IOException e) {
            LOG.warn("{} cannot be read, the kernel is compiled again: {}", file, e.toString());
        }
        return Optional.empty();
    }

    private static void keep(Path folder, Path file, byte[] kernel) {
        try {
            byte[] hash = Sha256.of(kernel).getBytes(StandardCharsets.US_ASCII);
            byte[] all = Arrays.copyOf(hash, HASH + kernel.length);
            System.arraycopy(kernel, 0, all, HASH, kernel.length);
            WholeFile.write(file, all);
        } catch (IOException e) {
            LOG.debug("the kernel is not kept in {}: {}", folder, e.toString());
        }
    }
}
