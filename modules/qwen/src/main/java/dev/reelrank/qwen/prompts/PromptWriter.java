package dev.reelrank.qwen.prompts;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.qwen.Decoding;
import dev.reelrank.qwen.Generation;
import dev.reelrank.qwen.TextGenerator;
import dev.reelrank.qwen.Turn;
import dev.reelrank.qwen.prompts.PromptMode.Motion;
import dev.reelrank.qwen.prompts.WrittenPrompt.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes prompts: asks the model, checks the answer, asks again with the reason, repairs by fixed
 * steps, and uses the original prompt where nothing else is left.
 */
public final class PromptWriter {
    /** The user's part of the first user turn. */
    static final String USER_TEXT = "Prompt: ";

    private final TextGenerator generator;
    private final PromptRules rules = PromptRules.bundled();
    private final PromptRepair repair = PromptRepair.bundled();

    public PromptWriter(TextGenerator generator) {
        this.generator = generator;
    }

    /** For mode {@code none}: it has no model to ask, and fails where one is needed. */
    public static PromptWriter withoutModel() {
        return new PromptWriter(
                new TextGenerator() {
                    @Override
                    public List<Generation> generate(
                            List<List<Turn>> chats, Decoding decoding, Watch watch) {
                        throw new IllegalStateException("this mode needs a model, none is loaded");
                    }

                    @Override
                    public Set<String> specialTokens() {
                        return Set.of();
                    }
                });
    }

    /**
     * Writes prompts, those that share decoding settings in one batch.
     *
     * @return one a task, in order
     * @throws StageException EMPTY_PROMPT for a prompt without a word, and whatever the generator
     *     throws
     */
    public List<WrittenPrompt> write(List<PromptTask> tasks, TextGenerator.Watch watch) {
        var drafts = new ArrayList<Draft>();
        for (var task : tasks) {
            drafts.add(new Draft(task));
        }
        ask(drafts.stream().filter(d -> !d.chat.isEmpty()).toList(), watch);
        var again = drafts.stream().filter(Draft::breaksRules).toList();
        again.forEach(Draft::askAgain);
        ask(again, watch);
        return drafts.stream().map(Draft::finish).toList();
    }

    private void ask(List<Draft> drafts, TextGenerator.Watch watch) {
        var byDecoding =
                drafts.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Draft::decoding, LinkedHashMap::new, Collectors.toList()));
        byDecoding.forEach(
                (decoding, group) -> {
                    var chats = group.stream().map(d -> d.chat).toList();
                    var answers = generator.generate(chats, decoding, watch);
                    for (var i = 0; i < group.size(); i++) {
                        group.get(i).take(answers.get(i));
                    }
                });
    }

    /** One prompt on its way. */
    private final class Draft {
        private final PromptTask task;
        private final String original;
        private final @Nullable PromptMode mode;
        private List<Turn> chat;
        private int attempts;
        private String answer = "";
        private List<Integer> tokenIds = List.of();
        private List<Violation> violations = List.of();
        private String remark = "";

        Draft(PromptTask task) {
            this.task = task;
            var config = task.config();
            original = PromptText.normalise(task.original(), generator.specialTokens());
            if (Words.count(original) == 0) {
                throw new StageException(
                        FailureCode.EMPTY_PROMPT,
                        "the prompt contains no word: say what should happen in the video");
            }
            mode = PromptModes.resolve(config.mode(), original, config.autoWords()).orElse(null);
            chat = mode == null && config.system() == null ? List.of() : firstTurns(config);
        }

        private List<Turn> firstTurns(PromptConfig config) {
            List<RgbImage> images =
                    mode == null || mode.seesImage() ? List.of(task.image()) : List.of();
            var system =
                    config.system() != null
                            ? PromptText.normalise(config.system(), generator.specialTokens())
                            : requireMode()
                                    .instruction(
                                            config.slowVerbs() ? Motion.SLOW : Motion.AS_WRITTEN);
            return List.of(Turn.system(system), Turn.user(images, USER_TEXT + original));
        }

        /** Without a system text of the user's own there is a mode. */
        private PromptMode requireMode() {
            return Objects.requireNonNull(mode, "neither a mode nor a system text");
        }

        Decoding decoding() {
            return new Decoding(
                    task.config().maxNewTokens(), task.config().temperature(), attempts);
        }

        void take(Generation generation) {
            attempts++;
            tokenIds = generation.tokenIds();
            var free = task.config().system() != null;
            answer = free ? generation.text().strip() : PromptText.clean(generation.text());
            violations = free ? List.of() : rules.check(requireMode(), answer, original);
        }

        boolean breaksRules() {
            return !violations.isEmpty();
        }

        void askAgain() {
            remark = reasons();
            var turns = new ArrayList<>(chat);
            turns.add(Turn.assistant(PromptText.normalise(answer, generator.specialTokens())));
            turns.add(
                    Turn.user(List.of(), "That breaks a rule: " + reasons() + ". Write it again."));
            chat = turns;
        }

        private String reasons() {
            return violations.stream().map(Violation::reason).collect(Collectors.joining("; "));
        }

        WrittenPrompt finish() {
            if (chat.isEmpty()) {
                return result(original, Source.ORIGINAL, null);
            }
            if (violations.isEmpty()) {
                // Under a system text of the user's own there are no rules, but a video needs
                // words.
                return Words.count(answer) == 0
                        ? result(
                                original,
                                Source.ORIGINAL,
                                "the answer is empty: original prompt used")
                        : result(
                                answer,
                                Source.MODEL,
                                attempts > 1 ? remark + ": kept after asking again" : null);
            }
            if (violations.stream().allMatch(v -> v.rule().repairable())) {
                var mended = repair.repair(requireMode(), answer);
                if (rules.check(requireMode(), mended, original).isEmpty()) {
                    return result(mended, Source.REPAIRED, reasons() + ": repaired by rule");
                }
            }
            tokenIds = List.of();
            return result(original, Source.ORIGINAL, reasons() + ": original prompt used");
        }

        private WrittenPrompt result(String text, Source source, @Nullable String why) {
            var prefix = PromptText.plain(task.config().prefix());
            return new WrittenPrompt(
                    prefix.isEmpty() ? text : prefix + " " + text, source, attempts, why, tokenIds);
        }
    }
}
