package dev.reelrank.dqa;

import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.grading.EvidenceKind;
import dev.reelrank.grading.Finding;
import dev.reelrank.pipeline.Device;
import dev.reelrank.qwen.QwenJudge;
import dev.reelrank.qwen.QwenMemory;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.torch.train.LoraLayers;
import dev.reelrank.video.SpreadFrames;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The preference evidence by the vision-language model with an adapter that learned from
 * selections: how likely it says that this is the better video. Runs only for videos whose
 * configuration asks for it.
 */
final class JudgePhase implements GradingPhase {
    private static final int COLUMNS = 6144;
    private static final String PREFIX = "transformer";

    private final Path folder;
    private final QwenPrecision precision;

    /**
     * @param folder of the vision-language model
     */
    JudgePhase(Path folder, QwenPrecision precision) {
        this.folder = folder;
        this.precision = precision;
    }

    /**
     * Who judges a video.
     *
     * @param adapter its name with its version
     * @param file of the adapter
     */
    record By(String adapter, Path file) {}

    @Override
    public String name() {
        return "judge";
    }

    @Override
    public double needGib() {
        return MemoryReport.gib(QwenMemory.bytes(folder, precision, 1, COLUMNS));
    }

    @Override
    public void check() {
        // The language phase has looked at the same files.
    }

    @Override
    public Loaded load(Device device, int cores) {
        if (!device.isCuda()) {
            TorchRuntime.threads(cores);
        }
        MemoryReport.resetPeak(TorchDevice.of(device));
        return new Model(device);
    }

    private final class Model implements Loaded {
        private final Device device;
        private @Nullable QwenJudge judge;
        private @Nullable By current;

        Model(Device device) {
            this.device = device;
        }

        @Override
        public Found look(Item item) {
            By by = item.judge();
            if (by == null) {
                return item.found();
            }
            var model = judge(by);
            var notes = new Notes(item.found());
            try (var seen = model.look(SpreadFrames.of(item.video().video(), item.frames()))) {
                var answer = model.answer(seen);
                notes.finding(
                        EvidenceKind.PREFERENCE,
                        Finding.of(
                                answer.probability(),
                                Details.text(
                                        Details.object()
                                                .put("model", "vlm")
                                                .put("adapter", by.adapter())
                                                .put(
                                                        "question",
                                                        QwenJudge.Wording.BETTER.question())
                                                .put("decided", Details.round(answer.decided())))));
            }
            return notes.found();
        }

        /** Videos of a chunk are judged by one adapter as a rule: it is loaded once. */
        private QwenJudge judge(By by) {
            if (judge != null && by.equals(current)) {
                return judge;
            }
            close();
            try (var scope = TensorScope.inference()) {
                var adapter = DiffusersAdapter.read(by.file(), PREFIX);
                var lora = new LoraConfig(adapter.rank(), adapter.alpha(), 0, adapter.layers());
                judge =
                        QwenJudge.load(
                                folder,
                                device,
                                precision,
                                new LoraLayers(lora, 0),
                                QwenJudge.Wording.BETTER);
                judge.adapters().restore(adapter.tensors());
            }
            current = by;
            return judge;
        }

        @Override
        public MemoryReport memory() {
            return MemoryReport.of(TorchDevice.of(device));
        }

        @Override
        public void close() {
            if (judge != null) {
                judge.close();
                judge = null;
            }
        }
    }
}
