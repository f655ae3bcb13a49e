package dev.reelrank.bench.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.qwen.Answer;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.qwen.TextGenerator;
import dev.reelrank.qwen.prompts.PromptTask;
import dev.reelrank.qwen.prompts.PromptWriter;
import dev.reelrank.qwen.prompts.WrittenPrompt;
import dev.reelrank.testbed.ClipQuestions;
import dev.reelrank.testbed.Corrupted;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.PromptTruth;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Question;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the prompt writer writes and answers. */
final class PromptMeasures {
    private static final int BATCH = 8;

    /**
     * Odd and even frames, the first and the last among them: a flicker touches every other one.
     */
    private static final int[] LOOKED_AT = {0, 5, 10, 15, 16};

    private static final List<Corruption> ASKED_ABOUT =
            List.of(
                    Corruption.GHOST,
                    Corruption.FLICKER,
                    Corruption.FREEZE,
                    Corruption.COLOUR_DRIFT);

    private final QwenModel model;
    private final Mean kept = new Mean();
    private final Mean right = new Mean();
    private final Mean answers = new Mean();
    private final Map<Question.About, Mean> byTopic = new EnumMap<>(Question.About.class);
    private final List<String> mistakes = new ArrayList<>();

    PromptMeasures(QwenModel model) {
        this.model = model;
    }

    /**
     * Writes the prompt of every scene in a mode and checks it.
     *
     * @return the texts as the generator gets them
     */
    List<String> write(List<Scene> scenes, String mode) {
        PromptConfig defaults = PromptConfig.defaults();
        PromptConfig config =
                new PromptConfig(
                        mode,
                        null,
                        defaults.maxNewTokens(),
                        0,
                        false, // the truth is what the prompt says, not its slower sister
                        "",
                        List.of(),
                        defaults.autoWords(),
                        defaults.precision());
        PromptWriter writer = new PromptWriter(model);
        List<String> texts = new ArrayList<>();
        for (int from = 0; from < scenes.size(); from += BATCH) {
            List<Scene> batch = scenes.subList(from, Math.min(scenes.size(), from + BATCH));
            List<PromptTask> tasks =
                    batch.stream()
                            .map(
                                    scene ->
                                            new PromptTask(
                                                    Prompts.verbose(scene, 0),
                                                    Renderer.still(scene),
                                                    config))
                            .toList();
            List<WrittenPrompt> written = writer.write(tasks, TextGenerator.Watch.NONE);
            for (int i = 0; i < batch.size(); i++) {
                check(batch.get(i), written.get(i));
                texts.add(written.get(i).text());
            }
        }
        return texts;
    }

    private void check(Scene scene, WrittenPrompt written) {
        kept.add(written.source() == WrittenPrompt.Source.MODEL && written.attempts() == 1);
        List<String> wrong = PromptTruth.wrong(scene, written.text());
        right.add(wrong.isEmpty());
        if (!wrong.isEmpty() || written.remark() != null) {
            mistakes.add(scene.seed() + ": " + wrong + " " + written.remark());
        }
    }

    /** Asks about the clean clip, and of every fourth scene about a corrupted one too. */
    void ask(List<Scene> scenes, YesNo words) {
        for (int i = 0; i < scenes.size(); i++) {
            Scene scene = scenes.get(i);
            ask(
                    Renderer.render(scene, Renderer.FRAMES).frames(),
                    ClipQuestions.about(scene),
                    words);
            if (i % 4 == 0) {
                Corruption how = ASKED_ABOUT.get(i / 4 % ASKED_ABOUT.size());
                float strength = how == Corruption.COLOUR_DRIFT ? 1 : .5f;
                Corrupted made = Corrupted.make(scene, how, Renderer.FRAMES, strength);
                List<Question> quality =
                        ClipQuestions.about(made.asked(), made.shown(), how).stream()
                                .filter(q -> q.about() == Question.About.QUALITY)
                                .toList();
                ask(made.clip().frames(), quality, words);
            }
        }
    }

    private void ask(List<RgbImage> clip, List<Question> questions, YesNo words) {
        List<RgbImage> pictures = new ArrayList<>();
        for (int frame : LOOKED_AT) {
            pictures.add(clip.get(frame));
        }
        List<Answer> given =
                model.ask(
                        words.system(),
                        pictures,
                        questions.stream().map(Question::text).toList(),
                        words.yes(),
                        words.no());
        for (int i = 0; i < questions.size(); i++) {
            boolean correct = given.get(i).probability() > .5 == questions.get(i).yes();
            answers.add(correct);
            byTopic.computeIfAbsent(questions.get(i).about(), a -> new Mean()).add(correct);
        }
    }

    /** The figures by their keys. */
    void write(ObjectNode json) {
        json.put("promptRulesKept", kept.value());
        json.put("promptFactsRight", right.value());
        json.put("yesNoAccuracy", answers.value());
        json.put("prompts", kept.count());
        json.put("questions", answers.count());
        ObjectNode topics = json.putObject("yesNoAccuracyByTopic");
        byTopic.forEach((a, mean) -> topics.put(a.name().toLowerCase(Locale.ROOT), mean.value()));
        mistakes.stream().limit(10).forEach(json.putArray("promptMistakes")::add);
    }
}
