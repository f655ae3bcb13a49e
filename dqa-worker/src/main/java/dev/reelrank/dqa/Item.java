package dev.reelrank.dqa;

import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GradeRequest;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One video on its way through the phases: what is known of it so far. */
final class Item {
    final GradeRequest request;
    final Path video;
    final RgbImage reference;
    final Map<EvidenceKind, Finding> findings = new EnumMap<>(EvidenceKind.class);
    final Map<String, Double> features = new LinkedHashMap<>();
    final Benchmark benchmark = new Benchmark();
    @Nullable PromptFacts facts;
    @Nullable StageException failure;

    Item(GradeRequest request, Path video, RgbImage reference) {
        this.request = request;
        this.video = video;
        this.reference = reference;
    }

    /** One whose inputs could not even be opened: no phase looks at it. */
    static Item failed(GradeRequest request, StageException failure) {
        var item = new Item(request, Path.of(""), new RgbImage(1, 1, new byte[3]));
        item.failure = failure;
        return item;
    }
}
