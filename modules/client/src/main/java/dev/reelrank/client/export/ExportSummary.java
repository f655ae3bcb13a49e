package dev.reelrank.client.export;

import java.util.List;

/**
 * What an export made.
 *
 * @param run its id
 * @param videos how many, one per sample
 * @param originalBytes of the videos as they are in the store
 * @param encodedBytes of the videos in the archive
 * @param archiveBytes of the archive
 * @param archive its absolute path
 * @param kept folder of the encoded videos, empty if they were not kept
 * @param padded samples whose odd width or height was made even by repeating the last column or row
 */
public record ExportSummary(
        String run,
        int videos,
        long originalBytes,
        long encodedBytes,
        long archiveBytes,
        String archive,
        String kept,
        List<String> padded) {
    /** How many times smaller the encoded videos are. */
    public double ratio() {
        return (double) originalBytes / encodedBytes;
    }
}
