package dev.reelrank.client.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;

/** Writes a .tar.gz whose bytes depend on its files alone. */
final class Archive {
    private static final int READABLE = 0644;

    private Archive() {}

    /**
     * Writes an archive and waits until the disk has it.
     *
     * @param files in this order, each under the folder's name
     * @param folder that the files unpack to
     * @param time of all files
     */
    static void write(Path archive, String folder, List<Path> files, Instant time)
            throws IOException {
        try (var channel =
                        FileChannel.open(
                                archive, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var out = Channels.newOutputStream(channel)) {
            write(out, folder, files, time);
            channel.force(true);
        }
    }

    private static void write(OutputStream out, String folder, List<Path> files, Instant time)
            throws IOException {
        // Videos do not shrink: gzip is there because people expect a .tar.gz.
        var gzip = new GzipCompressorOutputStream(out);
        var tar = new TarArchiveOutputStream(gzip, "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        for (Path file : files) {
            var entry = new TarArchiveEntry(folder + "/" + file.getFileName());
            entry.setSize(Files.size(file));
            entry.setMode(READABLE);
            entry.setModTime(time.getEpochSecond() * 1000);
            tar.putArchiveEntry(entry);
            Files.copy(file, tar);
            tar.closeArchiveEntry();
        }
        tar.finish();
        gzip.finish();
    }
}
