package dev.reelrank.worker.models;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.Fingerprint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Computes fingerprints of model files without reading all of their bytes.
 *
 * <p>A file's part is its size and a SHA-256: the blob's name if the file is a link into a hub
 * cache (which names large blobs by their SHA-256), else of the whole file up to 64 MiB, else of
 * its first and last MiB and every 64th between. Of a {@code .safetensors} file the tensor header
 * is always hashed whole as well. What was hashed is remembered by path, size and modification
 * time, so that a worker starts quickly; forgetting it costs time only.
 */
public final class FileFingerprints {
    static final int MIB = 1 << 20;
    static final int EVERY = 64;
    private static final Pattern BLOB = Pattern.compile("[0-9a-f]{64}");
    private static final int LONGEST_HEADER = 512 * MIB;

    private final FingerprintCache cache;

    /**
     * @param cacheFolder made if it is not there; one that cannot be written is done without
     */
    public FileFingerprints(Path cacheFolder) {
        this.cache = new FingerprintCache(cacheFolder);
    }

    /** With the cache in the user's cache folder. */
    public static FileFingerprints ofUser() {
        var xdg = System.getenv("XDG_CACHE_HOME");
        var base =
                xdg == null || xdg.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(xdg);
        return new FileFingerprints(base.resolve("reelrank").resolve("fingerprints"));
    }

    /**
     * A fingerprint over named files.
     *
     * @param files by the name that stands in the fingerprint, which must not depend on where the
     *     model lies; a folder counts with all regular files below it
     * @throws StageException MODEL_MISSING if a file cannot be read
     */
    public Fingerprint of(Map<String, Path> files) {
        var parts = new TreeMap<String, String>();
        files.forEach(
                (name, path) -> {
                    if (Files.isDirectory(path)) {
                        for (var file : regularFiles(path)) {
                            parts.put(
                                    name
                                            + "/"
                                            + path.relativize(file).toString().replace('\\', '/'),
                                    of(file));
                        }
                    } else {
                        parts.put(name, of(path));
                    }
                });
        return Fingerprint.of(parts);
    }

    /** One file's part: {@code <size>:<sha256>[:<sha256 of the tensor header>]}. */
    public String of(Path file) {
        try {
            var real = file.toRealPath();
            var known = cache.look(real);
            if (known != null) {
                return known;
            }
            var part = read(real);
            cache.keep(real, part);
            return part;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "cannot read model file " + file + ": " + e, e);
        }
    }

    private static String read(Path real) throws IOException {
        var name = real.getFileName().toString();
        var size = Files.size(real);
        if (BLOB.matcher(name).matches() && "blobs".equals(parentName(real))) {
            return size + ":" + name;
        }
        try (var channel = FileChannel.open(real)) {
            var part = size + ":" + sampled(channel, size);
            return name.endsWith(".safetensors") ? part + ":" + header(real, channel, size) : part;
        }
    }

    private static String parentName(Path file) {
        var parent = file.getParent();
        return parent == null || parent.getFileName() == null
                ? ""
                : parent.getFileName().toString();
    }

    private static String sampled(FileChannel channel, long size) throws IOException {
        var digest = Sha256.digest();
        var buffer = ByteBuffer.allocate(MIB);
        var blocks = (size + MIB - 1) / MIB;
        var step = blocks <= EVERY ? 1 : EVERY;
        for (long block = 0; block < blocks; block += step) {
            read(channel, block * MIB, buffer);
            digest.update(buffer);
        }
        if (step > 1) {
            read(channel, size - MIB, buffer);
            digest.update(buffer);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String header(Path file, FileChannel channel, long size) throws IOException {
        var length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        read(channel, 0, length);
        var n = length.remaining() == 8 ? length.getLong(0) : -1;
        if (n < 2 || n > LONGEST_HEADER || n + 8 > size) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    file
                            + " is not a safetensors file: its header claims "
                            + n
                            + " bytes, the file has "
                            + size
                            + "; was the download interrupted?");
        }
        var header = ByteBuffer.allocate((int) n);
        read(channel, 8, header);
        var digest = Sha256.digest();
        digest.update(header);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Fills the buffer from a position on, up to the end of the file, and flips it. */
    private static void read(FileChannel channel, long from, ByteBuffer buffer) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
            // a channel may give less than was asked for
        }
        buffer.flip();
    }

    private static List<Path> regularFiles(Path folder) {
        try (var walk = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "cannot list model folder " + folder + ": " + e, e);
        }
    }
}
