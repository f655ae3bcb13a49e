package dev.reelrank.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One line of {@code scenes.jsonl}: the scene, what is said about it, and where everything is. */
final class SceneLine {
    private static final int PROMPTS = 4;

    private final ObjectMapper mapper = SceneJson.mapper();
    private final int frames;

    SceneLine(int frames) {
        this.frames = frames;
    }

    String write(Scene scene) {
        return write(scene, scene, null);
    }

    String write(Scene asked, Scene shown, @Nullable Corruption corruption) {
        ObjectNode line = mapper.createObjectNode();
        line.put("seed", asked.seed());
        ArrayNode subjects = line.putArray("subjects");
        for (Subject subject : shown.subjects()) {
            subjects.add(subject(subject));
        }
        line.put("relation", asked.relation() == null ? null : lower(asked.relation()));
        line.put("background", asked.background().colour().word());
        line.put("action", lower(asked.action()));
        line.put("speed", lower(asked.speed()));
        line.put("manner", asked.rolls() ? lower(Manner.ROLL) : lower(Manner.SLIDE));
        line.put("camera", lower(asked.camera()));
        line.put("corruption", corruption == null ? null : lower(corruption));
        ArrayNode prompts = line.putArray("prompts");
        for (int i = 0; i < PROMPTS; i++) {
            prompts.add(Prompts.verbose(asked, i));
        }
        line.put("caption", Prompts.caption(asked));
        line.set("facts", facts(asked));
        ObjectNode targets = line.putObject("targets");
        targets.put("ultra_enrich", WrittenPrompts.ultraEnrich(asked));
        targets.put("simplify_v2", WrittenPrompts.simplify(asked));
        ArrayNode questions = line.putArray("questions");
        for (Question question : ClipQuestions.about(asked, shown, corruption)) {
            questions
                    .addObject()
                    .put("question", question.text())
                    .put("answer", question.yes() ? "yes" : "no")
                    .put("about", ClipQuestions.name(question.about()));
        }
        line.set("motion", motion(shown));
        line.set("scene", mapper.valueToTree(shown));
        try {
            return mapper.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values can be written", e);
        }
    }

    private JsonNode subject(Subject subject) {
        return mapper.createObjectNode()
                .put("kind", lower(subject.kind()))
                .put("group", lower(subject.kind().group()))
                .put("colour", subject.colour().word())
                .put("pattern", subject.pattern().word())
                .put("phrase", Wording.phrase(subject))
                .put("shortPhrase", Wording.shortPhrase(subject))
                .put("noun", subject.kind().noun())
                .put("size", subject.radius());
    }

    private JsonNode facts(Scene scene) {
        ObjectNode facts =
                mapper.createObjectNode()
                        .put("subject", scene.first().kind().noun())
                        .put("colour", scene.first().colour().word())
                        .put("pattern", scene.first().pattern().word())
                        .put("action", Wording.doing(scene.action(), scene.manner()))
                        .put("speed", lower(scene.speed()))
                        .put("background", scene.background().colour().word())
                        .put("camera", lower(scene.camera()));
        Subject second = scene.second();
        if (second != null) {
            facts.put("second", second.kind().noun());
            facts.put("secondColour", second.colour().word());
            facts.put("relation", Wording.relation(Objects.requireNonNull(scene.relation())));
        }
        return facts;
    }

    private JsonNode motion(Scene scene) {
        Motion motion = new Motion(scene);
        ArrayNode all = mapper.createArrayNode();
        for (int subject = 0; subject < scene.subjects().size(); subject++) {
            ArrayNode way = all.addArray();
            for (int i = 0; i < frames; i++) {
                SubjectPose pose = motion.at(subject, frames == 1 ? 0 : (float) i / (frames - 1));
                way.addArray().add(pose.x()).add(pose.y()).add(pose.radius()).add(pose.angle());
            }
        }
        return all;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
