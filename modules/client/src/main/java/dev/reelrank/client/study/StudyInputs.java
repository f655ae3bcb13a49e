package dev.reelrank.client.study;

import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.dataset.Sample;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;

/**
 * What a study computes from, as one word: part of its runs' names, so that a changed picture,
 * prompt or model is a new run instead of the report of an old one.
 */
public final class StudyInputs {
    private StudyInputs() {}

    /**
     * The samples by their contents, the models by the names, sizes and times of their files.
     *
     * @param ids of the samples
     * @param models folders; those that are not there count as empty, as where another machine has
     *     the models
     * @return a SHA-256 in hexadecimal
     * @throws StageException if a sample cannot be read and that is no fault of the sample's
     */
    public static String of(Dataset dataset, List<String> ids, Collection<Path> models) {
        var lines = new ArrayList<String>();
        for (String id : ids) {
            lines.add(id + " " + sample(dataset, id));
        }
        for (Path folder : models) {
            lines.add("models");
            lines.addAll(files(folder));
        }
        return Sha256.of(String.join("\n", lines));
    }

    private static String sample(Dataset dataset, String id) {
        try {
            Sample sample = dataset.sample(id);
            return Sha256.of(
                    Sha256.of(sample.image()) + "\n" + sample.subject() + "\n" + sample.prompt());
        } catch (StageException e) {
            if (e.code().category() != FailureCategory.USER) {
                throw e;
            }
            // It is refused, with every other one, when the run is submitted.
            return e.code().name();
        } catch (IOException e) {
            return "unreadable";
        }
    }

    private static List<String> files(Path folder) {
        var found = new ArrayList<String>();
        var visitor =
                new SimpleFileVisitor<Path>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
                        found.add(
                                "%s %d %d"
                                        .formatted(
                                                folder.relativize(file),
                                                about.size(),
                                                about.lastModifiedTime().toMillis()));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        return FileVisitResult.CONTINUE;
                    }
                };
        try {
            Files.walkFileTree(
                    folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
        } catch (IOException e) {
            // A folder that vanishes meanwhile is missed by whoever loads it.
            found.add("unreadable");
        }
        Collections.sort(found);
        return found;
    }
}
