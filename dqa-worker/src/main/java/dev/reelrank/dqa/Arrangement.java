package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.prompt.Relation;
import dev.reelrank.grading.spatial.Composition;
import dev.reelrank.grading.spatial.Movement;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.grading.spatial.Trace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Positions of the prompt's things in a video.
 *
 * @param facts of the prompt, with at least one object
 * @param pictures frames spread over the video, the first and the last among them
 */
record Arrangement(PromptFacts facts, List<Segmentation> pictures) {
    Arrangement {
        pictures = List.copyOf(pictures);
    }

    /** Index of the thing that acts. */
    int actor() {
        return facts.actor();
    }

    /** The first and the last frame: in between one thing may hide another and still be there. */
    List<Segmentation> ends() {
        return pictures.size() < 2
                ? pictures
                : List.of(pictures.get(0), pictures.get(pictures.size() - 1));
    }

    /**
     * The spatial evidence.
     *
     * @param trace of what acts, null if it was not followed
     */
    Finding finding(@Nullable Trace trace) {
        List<Movement> movements = facts.action() == null ? List.of() : Movement.of(facts.action());
        var composition =
                Composition.of(
                        facts.objects(),
                        facts.relations(),
                        facts.actor(),
                        movements,
                        trace,
                        ends());
        ObjectNode details =
                Details.object().put("method", "ProxyCLIP with DINOv3 and CLIP; OpenCV DIS");
        ArrayNode objects = details.putArray("objects");
        for (int o = 0; o < facts.objects().size(); o++) {
            var place = pictures.get(0).place(o);
            objects.addObject()
                    .put("phrase", facts.objects().get(o))
                    .put("present", Details.round(composition.present().get(o)))
                    .put("share", Details.round(place.share()))
                    .put("x", Details.round(place.x()))
                    .put("y", Details.round(place.y()));
        }
        ArrayNode relations = details.putArray("relations");
        for (int r = 0; r < facts.relations().size(); r++) {
            Relation relation = facts.relations().get(r);
            relations
                    .addObject()
                    .put(
                            "relation",
                            "%s %s %s"
                                    .formatted(
                                            relation.first(),
                                            relation.kind().words(),
                                            relation.second()))
                    .put("holds", Details.round(composition.holds().get(r)));
        }
        if (trace != null && !movements.isEmpty()) {
            ArrayNode moved = details.putArray("movements");
            for (int m = 0; m < movements.size(); m++) {
                moved.addObject()
                        .put("promised", movements.get(m).id())
                        .put("kept", Details.round(composition.moved().get(m)));
            }
            var last = trace.last();
            details.putObject("trace")
                    .put("right", Details.round(last.x()))
                    .put("down", Details.round(last.y()))
                    .put("highest", Details.round(trace.highest()))
                    .put("clockwise", Details.round(last.turn()))
                    .put("growth", Details.round(last.growth()))
                    .put("stir", Details.round(trace.stir()));
        }
        return Finding.of(composition.score(), Details.text(details));
    }
}
