package dev.reelrank.wan;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.TensorInfo;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Function;

/** How weights were distilled for few steps, as their files tell. */
public enum Distillation {
    /** Not at all. */
    NONE,
    /** With rCM: for one to four steps without guidance. */
    FEW_STEPS,
    /** The same, and with sparse-linear attention in the place of dense self-attention. */
    SPARSE_LINEAR;

    private static final String PATCHES = "patch_embedding.weight";
    private static final String LINEAR_BRANCH = "proj_l.weight";

    /**
     * Reads the names of a file: TurboDiffusion stores the patch embedding as a matrix, everybody
     * else as a convolution.
     */
    static Distillation of(Set<String> names, Function<String, TensorInfo> info) {
        boolean flat =
                names.stream()
                        .filter(name -> name.endsWith(PATCHES))
                        .anyMatch(name -> info.apply(name).shape().length == 2);
        if (!flat) {
            return NONE;
        }
        return names.stream().anyMatch(name -> name.endsWith(LINEAR_BRANCH))
                ? SPARSE_LINEAR
                : FEW_STEPS;
    }

    /** Reads the headers of a folder's weights; those that cannot be read fail when they load. */
    static Distillation of(Path weights) {
        try (var file = Checkpoint.open(weights)) {
            return of(file.names(), file::info);
        } catch (StageException e) {
            return NONE;
        }
    }
}
