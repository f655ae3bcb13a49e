package dev.reelrank.hub.plan;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One model: where it comes from and which folder it becomes.
 *
 * @param name of the model, for example {@code wan}
 * @param description one line
 * @param repository {@code org/name}
 * @param revision a branch, a tag or a commit id
 * @param folder below the models folder
 * @param strip folder of the repository whose content the model's folder gets; empty for all of it
 * @param gated whether its publisher asks for consent first
 * @param about bytes, roughly, for those who plan; 0 where not known
 * @param export the model's name for the exporter, null where the files are served as they are
 * @param inference patterns of the files that Reelrank reads
 * @param also patterns of what else is worth having: cards and licences
 */
public record ModelPlan(
        String name,
        String description,
        String repository,
        String revision,
        String folder,
        String strip,
        boolean gated,
        long about,
        @Nullable String export,
        List<String> inference,
        List<String> also) {
    public ModelPlan {
        inference = List.copyOf(inference);
        also = List.copyOf(also);
    }

    /** The patterns in use, for a lock file to compare. */
    public List<String> patterns(boolean inferenceOnly) {
        var all = new ArrayList<>(inference);
        if (!inferenceOnly) {
            all.addAll(also);
        }
        return List.copyOf(all);
    }

    /**
     * Chooses from what the repository has.
     *
     * @throws StageException MODEL_MISMATCH if a file that inference reads is not there
     */
    public List<RepositoryFile> select(
            List<RepositoryFile> files, boolean inferenceOnly, String commit) {
        var paths = files.stream().map(RepositoryFile::path).toList();
        var chosen = new LinkedHashSet<String>();
        for (String text : inference) {
            var pattern = new FilePattern(text);
            var found = pattern.select(paths);
            if (found.isEmpty() && !pattern.isOptional()) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s has no file '%s' at commit %s: the repository has changed since this plan was written; name an earlier commit as the revision in a plan of your own (--plans FILE)"
                                .formatted(repository, text, commit));
            }
            chosen.addAll(found);
        }
        if (!inferenceOnly) {
            also.forEach(text -> chosen.addAll(new FilePattern(text).select(paths)));
        }
        return files.stream().filter(f -> chosen.contains(f.path())).toList();
    }

    /** Where a file of the repository lies in the model's folder. */
    public String placed(String path) {
        return !strip.isEmpty() && path.startsWith(strip + "/")
                ? path.substring(strip.length() + 1)
                : path;
    }
}
