package dev.reelrank.prompt;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.qwen.QwenMemory;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.qwen.TextGenerator;
import dev.reelrank.torch.MemoryReport;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchFailures;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;

/** Qwen3-VL from a model folder. */
final class LocalBackend implements Backend {
    /** A 720p image has 880 tokens, a long prompt 300, an answer 256. */
    private static final int COLUMNS = 2048;

    private static final int BATCH = Stages.STANDARD.of(StageName.PROMPT).batch();

    private final ModelFolders folders;
    private final FileFingerprints fingerprints;
    private final Device device;

    LocalBackend(ModelFolders folders, FileFingerprints fingerprints, Device device) {
        this.folders = folders;
        this.fingerprints = fingerprints;
        this.device = device;
    }

    @Override
    public PromptKey loadKey(PromptConfig config) {
        var precision = QwenPrecision.parse(config.precision(), device);
        return new PromptKey.Local(folders.folder(ModelName.QWEN), precision);
    }

    @Override
    public Map<String, String> parts(PromptKey key) {
        var parts = new LinkedHashMap<String, String>();
        var folder = ((PromptKey.Local) key).folder();
        var weights = false;
        try (var files = Files.list(folder)) {
            for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
                var name = file.getFileName().toString();
                if (name.endsWith(".safetensors")
                        || name.endsWith(".json")
                        || name.endsWith(".jinja")) {
                    parts.put("qwen/" + name, fingerprints.of(file));
                    weights |= name.endsWith(".safetensors");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
        if (!weights) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no *.safetensors file in " + folder + ": download the model into it");
        }
        return parts;
    }

    @Override
    public Needs needs(PromptConfig config) {
        var precision = QwenPrecision.parse(config.precision(), device);
        var folder = folders.folder(ModelName.QWEN);
        var bytes = QwenMemory.bytes(folder, precision, BATCH, COLUMNS);
        return new Needs(MemoryReport.gib(bytes), device.isCuda() ? 1 : 0);
    }

    @Override
    public Loaded load(PromptKey key, Device where) {
        var local = (PromptKey.Local) key;
        var torch = TorchDevice.of(where);
        MemoryReport.resetPeak(torch);
        var model =
                TorchFailures.named(
                        "load " + key,
                        torch,
                        () -> QwenModel.load(local.folder(), where, local.weights()));
        return new Model(model, torch);
    }

    private record Model(QwenModel model, TorchDevice device) implements Loaded {
        @Override
        public TextGenerator generator() {
            return model;
        }

        @Override
        public long peakDeviceBytes() {
            return device.isCuda() ? MemoryReport.of(device).peak() : 0;
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
