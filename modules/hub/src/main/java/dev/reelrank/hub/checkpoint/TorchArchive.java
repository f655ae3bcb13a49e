package dev.reelrank.hub.checkpoint;

import dev.reelrank.hub.checkpoint.Value.Storage;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A file as {@code torch.save} writes it since PyTorch 1.6: a zip with a pickle and storages. */
final class TorchArchive implements AutoCloseable {
    private static final String PICKLE = "/data.pkl";
    private static final int LARGEST_PICKLE = 256 << 20;

    private final Path path;
    private final ZipFile zip;
    private final String folder;

    private TorchArchive(Path path, ZipFile zip, String folder) {
        this.path = path;
        this.zip = zip;
        this.folder = folder;
    }

    /**
     * Opens the zip and finds its folder.
     *
     * @throws StageException MODEL_MISSING if there is no file, MODEL_MISMATCH if it is of another
     *     kind
     */
    static TorchArchive open(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new StageException(FailureCode.MODEL_MISSING, "no file " + path);
        }
        GitLfsPointer.refuse(path);
        ZipFile zip;
        try {
            zip = new ZipFile(path.toFile());
        } catch (ZipException e) {
            throw mismatch(
                    path,
                    "is no zip file ("
                            + e.getMessage()
                            + "): it is truncated, or written by PyTorch before 1.6; load and save it once with a newer PyTorch, on a machine where you trust it");
        }
        try {
            return new TorchArchive(path, zip, folder(path, zip));
        } catch (StageException e) {
            zip.close();
            throw e;
        }
    }

    private static String folder(Path path, ZipFile zip) {
        var pickles =
                zip.stream()
                        .map(ZipEntry::getName)
                        .filter(n -> n.endsWith(PICKLE) && n.indexOf('/') == n.lastIndexOf('/'))
                        .toList();
        if (pickles.size() != 1) {
            throw mismatch(path, "has no data.pkl: torch.save did not write it");
        }
        String folder = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
        if (zip.getEntry(folder + "/constants.pkl") != null) {
            throw mismatch(path, "is a TorchScript archive, which consists of code: not read");
        }
        return folder;
    }

    /** The value that was saved. */
    Value value() throws IOException {
        requireLittleEndian();
        try (var in = stream("data.pkl")) {
            byte[] bytes = in.readNBytes(LARGEST_PICKLE);
            return Pickle.read(bytes);
        } catch (PickleException e) {
            throw new StageException(FailureCode.MODEL_MISMATCH, path + " " + e.getMessage(), e);
        }
    }

    private void requireLittleEndian() throws IOException {
        if (zip.getEntry(folder + "/byteorder") != null) {
            try (var in = stream("byteorder")) {
                String order = new String(in.readNBytes(16), StandardCharsets.US_ASCII).strip();
                if (!order.equals("little")) {
                    throw mismatch(path, "was written on a machine with the byte order " + order);
                }
            }
        }
    }

    /** The bytes of a storage, of which there are as many as its elements need. */
    InputStream storage(Storage storage) throws IOException {
        ZipEntry entry = zip.getEntry(folder + "/data/" + storage.key());
        long size = Math.multiplyExact(storage.elements(), storage.type().bytes());
        if (entry == null || entry.getSize() < size) {
            throw mismatch(
                    path,
                    "has %s where storage %s needs %d bytes: download it again"
                            .formatted(
                                    entry == null ? "nothing" : entry.getSize() + " bytes",
                                    storage.key(),
                                    size));
        }
        return zip.getInputStream(entry);
    }

    private InputStream stream(String name) throws IOException {
        ZipEntry entry = zip.getEntry(folder + "/" + name);
        if (entry == null) {
            throw mismatch(path, "lacks " + name);
        }
        return zip.getInputStream(entry);
    }

    private static StageException mismatch(Path path, String what) {
        return new StageException(FailureCode.MODEL_MISMATCH, path + " " + what);
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
