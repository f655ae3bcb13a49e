package dev.reelrank.alignment.train;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Pairs in files of {@link LatentPair#write}, read whenever they are needed. */
public final class FilePairs implements TrainingPairs {
    private final List<Path> files;
    private final String fingerprint;

    /**
     * @param files one per pair; their order counts
     * @throws StageException INPUT_LOST when one cannot be read
     */
    public FilePairs(List<Path> files) {
        this.files = List.copyOf(files);
        this.fingerprint = hash(this.files);
    }

    /**
     * @param files one per pair; their order counts
     * @param fingerprint of what the files were made from, where encoding it twice may give other
     *     bytes
     */
    public FilePairs(List<Path> files, String fingerprint) {
        this.files = List.copyOf(files);
        this.fingerprint = fingerprint;
    }

    private static String hash(List<Path> files) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[1 << 16];
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                        digest.update(buffer, 0, read);
                    }
                } catch (IOException e) {
                    throw new StageException(
                            FailureCode.INPUT_LOST,
                            "cannot read the pair " + file + ": " + e.getMessage(),
                            e);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public String name(int index) {
        return files.get(index).getFileName().toString();
    }

    @Override
    public LatentPair pair(int index) {
        return LatentPair.read(files.get(index));
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }
}
