package dev.reelrank.dqa;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.grading.prompt.FactParser;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.prompt.Questions;
import dev.reelrank.grading.reward.Checklist;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.qwen.Answer;
import dev.reelrank.qwen.Decoding;
import dev.reelrank.qwen.QwenMemory;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.qwen.TextGenerator;
import dev.reelrank.qwen.Turn;
import dev.reelrank.qwen.prompts.PromptText;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.SpreadFrames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The vision-language model's part: the facts of the prompt, the semantic evidence (is each of them
 * to be seen?) and the vision reward (the checklist). All questions about one video share the
 * computation of its frames.
 */
final class LanguagePhase implements GradingPhase {
    private static final int EXTRACTION_TOKENS = 120;
    private static final int COLUMNS = 6144;

    /** Standard deviation of the values of a frame that shows nothing, of 255. */
    private static final double BLANK = 2;

    private final Path folder;
    private final QwenPrecision precision;
    private final QuestionTexts texts = QuestionTexts.read();
    private final Checklist checklist = Checklists.vision();

    LanguagePhase(Path folder, QwenPrecision precision) {
        this.folder = folder;
        this.precision = precision;
    }

    @Override
    public String name() {
        return "language";
    }

    @Override
    public double needGib() {
        return MemoryReport.gib(QwenMemory.bytes(folder, precision, 1, COLUMNS));
    }

    @Override
    public void check() {
        QwenModel.check(folder);
    }

    @Override
    public Loaded load(Device device, int cores) {
        if (!device.isCuda()) {
            TorchRuntime.threads(cores);
        }
        var torch = TorchDevice.of(device);
        MemoryReport.resetPeak(torch);
        return new Model(QwenModel.load(folder, device, precision), torch);
    }

    private final class Model implements Loaded {
        private final QwenModel model;
        private final TorchDevice device;
        private final Map<String, PromptFacts> known = new HashMap<>();

        Model(QwenModel model, TorchDevice device) {
            this.model = model;
            this.device = device;
        }

        @Override
        public Found look(Item item) {
            VideoFile video = item.video();
            var notes = new Notes(item.found());
            PromptFacts facts = item.found().facts();
            if (facts == null) {
                // Candidates of one sample share their prompt; it is read once.
                facts = known.computeIfAbsent(video.prompt(), p -> facts(video));
            }
            notes.facts(facts);
            List<Questions.Question> promised = Questions.of(facts);
            List<String> asked = new ArrayList<>();
            promised.forEach(q -> asked.add(q.text()));
            checklist.items().forEach(i -> asked.add(i.question()));
            List<RgbImage> frames = SpreadFrames.of(video.video(), item.frames());
            List<Answer> answers =
                    model.ask(texts.system(), frames, asked, texts.yes(), texts.no());
            notes.finding(EvidenceKind.SEMANTIC, semantic(facts, promised, answers));
            boolean blank = frames.stream().allMatch(f -> Brightness.contrast(f) < BLANK);
            notes.finding(
                    EvidenceKind.VISION_REWARD,
                    blank
                            ? Finding.of(
                                    0,
                                    Details.text(
                                            Details.object()
                                                    .put("blank", "the frames show nothing")))
                            : reward(answers.subList(promised.size(), answers.size())));
            return notes.found();
        }

        private PromptFacts facts(VideoFile video) {
            if (video.prompt().isBlank()) {
                return FactParser.byRules(video.prompt(), video.subject());
            }
            String prompt = PromptText.normalise(video.prompt(), model.specialTokens());
            List<Turn> chat =
                    List.of(
                            Turn.system(texts.extractSystem()),
                            Turn.user(List.of(), texts.extractUser().replace("{prompt}", prompt)));
            String answer =
                    model.generate(
                                    List.of(chat),
                                    Decoding.greedy(EXTRACTION_TOKENS),
                                    TextGenerator.Watch.NONE)
                            .get(0)
                            .text();
            return FactParser.read(answer, video.prompt())
                    .orElseGet(() -> FactParser.byRules(video.prompt(), video.subject()));
        }

        @Override
        public MemoryReport memory() {
            return MemoryReport.of(device);
        }

        @Override
        public void close() {
            model.close();
        }
    }

    private static Finding semantic(
            PromptFacts facts, List<Questions.Question> questions, List<Answer> answers) {
        if (questions.isEmpty()) {
            return Finding.missing(
                    Details.missing("the prompt names nothing that could be asked for"));
        }
        ObjectNode details =
                Details.object()
                        .put("factsFrom", facts.source().name().toLowerCase(java.util.Locale.ROOT));
        ArrayNode list = details.putArray("questions");
        double sum = 0;
        for (int i = 0; i < questions.size(); i++) {
            double yes = answers.get(i).probability();
            sum += questions.get(i).yes() ? yes : 1 - yes;
            list.addObject()
                    .put("kind", questions.get(i).kind())
                    .put("question", questions.get(i).text())
                    .put("good", questions.get(i).yes() ? "yes" : "no")
                    .put("yes", Details.round(yes))
                    .put("decided", Details.round(answers.get(i).decided()));
        }
        return Finding.of(sum / questions.size(), Details.text(details));
    }

    private Finding reward(List<Answer> answers) {
        var result = checklist.judge(answers.stream().map(Answer::probability).toList());
        ObjectNode details = Details.object();
        ObjectNode axes = details.putObject("axes");
        for (var axis : result.axes()) {
            axes.putObject(axis.name())
                    .put("score", Details.round(axis.score()))
                    .put("reason", axis.reason());
        }
        ArrayNode list = details.putArray("questions");
        for (int i = 0; i < answers.size(); i++) {
            list.addObject()
                    .put("question", checklist.items().get(i).question())
                    .put("good", checklist.items().get(i).yes() ? "yes" : "no")
                    .put("yes", Details.round(answers.get(i).probability()));
        }
        return Finding.of(result.score(), Details.text(details));
    }
}
