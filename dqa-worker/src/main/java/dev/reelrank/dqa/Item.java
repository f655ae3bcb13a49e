package dev.reelrank.dqa;

import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.grading.spatial.Trace;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One video during grading: what the phases have found about it so far. */
final class Item {
    final String prompt;
    final @Nullable String subject;
    final Path video;
    final RgbImage reference;

    /** How many representative frames the language phase looks at. */
    final int frames;

    final Map<EvidenceKind, Finding> findings = new EnumMap<>(EvidenceKind.class);
    final Map<String, Double> features = new LinkedHashMap<>();
    final Benchmark benchmark = new Benchmark();

    /** Where the prompt's things are; null before perception, and if the prompt names none. */
    @Nullable Arrangement arrangement;

    /** Where they are in the reference. */
    @Nullable Segmentation sought;

    /** The way of what acts; null before motion, and where it cannot be followed. */
    @Nullable Trace trace;

    @Nullable PromptFacts facts;
    @Nullable StageException failure;

    /**
     * @param prompt the original one
     * @param subject phrase of the ranking, null if there was none
     */
    Item(String prompt, @Nullable String subject, Path video, RgbImage reference, int frames) {
        this.prompt = prompt;
        this.subject = subject;
        this.video = video;
        this.reference = reference;
        this.frames = frames;
    }

    /** One whose inputs could not even be opened: no phase looks at it. */
    static Item failed(String prompt, StageException failure) {
        var item = new Item(prompt, null, Path.of(""), new RgbImage(1, 1, new byte[3]), 1);
        item.failure = failure;
        return item;
    }

    /** Of the first and the last frame, for people who want to see them. */
    List<Segmentation> segmentations() {
        return arrangement == null ? List.of() : arrangement.ends();
    }
}
