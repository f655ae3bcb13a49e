package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.prompt.Deed;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.prompt.Relation;
import dev.reelrank.grading.spatial.Composition;
import dev.reelrank.grading.spatial.Composition.Promise;
import dev.reelrank.grading.spatial.Movement;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.grading.spatial.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

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

    /** Indices of all things that the prompt says anything of doing, the actor at least. */
    Set<Integer> actors() {
        var all = new TreeSet<>(Set.of(actor()));
        facts.deeds().forEach(d -> all.add(d.actor()));
        return all;
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
     * @param traces of what acts, by object; empty if nothing was followed
     */
    Finding finding(Map<Integer, Trace> traces) {
        var promises = new ArrayList<Promise>();
        for (Deed deed : facts.deeds()) {
            for (Movement movement : Movement.of(deed)) {
                promises.add(new Promise(deed.actor(), movement, traces.get(deed.actor())));
            }
        }
        var composition = Composition.of(facts.objects(), facts.relations(), promises, ends());
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
        ArrayNode moved = details.putArray("movements");
        for (Promise promise : promises) {
            promise.kept()
                    .ifPresent(
                            kept ->
                                    moved.addObject()
                                            .put("who", facts.objects().get(promise.actor()))
                                            .put("promised", promise.movement().id())
                                            .put("kept", Details.round(kept)));
        }
        ArrayNode ways = details.putArray("traces");
        traces.forEach((actor, trace) -> way(ways, facts.objects().get(actor), trace));
        return Finding.of(composition.score(), Details.text(details));
    }

    private static void way(ArrayNode ways, String who, Trace trace) {
        var last = trace.last();
        ways.addObject()
                .put("who", who)
                .put("right", Details.round(last.x()))
                .put("down", Details.round(last.y()))
                .put("highest", Details.round(trace.highest()))
                .put("clockwise", Details.round(last.turn()))
                .put("growth", Details.round(last.growth()))
                .put("stir", Details.round(trace.stir()))
                .put("unrest", Details.round(trace.unrest()));
    }
}
