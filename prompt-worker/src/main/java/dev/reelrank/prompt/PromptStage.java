package dev.reelrank.prompt;

import dev.reelrank.grading.prompt.WrittenFaith;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageContext;
import dev.reelrank.qwen.TextGenerator.CancelledException;
import dev.reelrank.qwen.TextGenerator.Watch;
import dev.reelrank.qwen.prompts.PromptModes;
import dev.reelrank.qwen.prompts.PromptTask;
import dev.reelrank.qwen.prompts.PromptWriter;
import dev.reelrank.qwen.prompts.Words;
import dev.reelrank.qwen.prompts.WrittenPrompt;
import dev.reelrank.torch.TorchRuntime;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the prompts of a chunk together. One that fails by its own fault, or for which the device
 * has no room beside the others, does not fail the others.
 */
public final class PromptStage implements Stage<PromptRequest, PromptResult> {
    /**
     * 2: WebP and 16-bit references are read as Pillow reads them. 3: a written prompt that changes
     * what the user asks for is not used.
     */
    private static final int VERSION = 3;

    private static final PromptKey NO_MODEL = new PromptKey.NoModel();

    private final Backend backend;
    private Backend.@Nullable Loaded loaded;
    private @Nullable PromptWriter writer;

    /** With the model of a folder. */
    public PromptStage(ModelFolders folders, FileFingerprints fingerprints, Device device) {
        this(new LocalBackend(folders, fingerprints, device));
    }

    PromptStage(Backend backend) {
        this.backend = backend;
    }

    @Override
    public StageName name() {
        return StageName.PROMPT;
    }

    @Override
    public int version() {
        return VERSION;
    }

    /** Mode {@code none} needs no model, so that it works where there is none. */
    @Override
    public LoadKey loadKey(StageConfig config) {
        var prompt = (PromptConfig) config;
        return prompt.mode().equals(PromptModes.NONE) && prompt.system() == null
                ? NO_MODEL
                : backend.loadKey(prompt);
    }

    /** Of the model's files and of the instructions and rules, which decide an answer as much. */
    @Override
    public Fingerprint fingerprint(LoadKey key) {
        var parts = new TreeMap<>(key.equals(NO_MODEL) ? Map.of() : backend.parts((PromptKey) key));
        parts.put("instructions", PromptModes.hash());
        return Fingerprint.of(parts);
    }

    @Override
    public Needs needs(LoadKey key, StageConfig config) {
        return key.equals(NO_MODEL) ? new Needs(0, 0) : backend.needs((PromptConfig) config);
    }

    @Override
    public void load(LoadKey key, Device device) {
        if (key.equals(NO_MODEL)) {
            writer = PromptWriter.withoutModel();
            return;
        }
        loaded = backend.load((PromptKey) key, device);
        writer = new PromptWriter(loaded.generator());
    }

    @Override
    public List<Outcome<PromptResult>> run(List<PromptRequest> requests, StageContext context) {
        if (loaded != null) {
            TorchRuntime.threads(context.cores());
        }
        var outcomes = new ArrayList<Outcome<PromptResult>>();
        requests.forEach(r -> outcomes.add(new Outcome.Returned<>("not begun")));
        var items = new ArrayList<Item>();
        for (var i = 0; i < requests.size(); i++) {
            try {
                items.add(new Item(i, requests.get(i), task(requests.get(i), context)));
            } catch (StageException e) {
                outcomes.set(i, Outcome.failed(e));
            }
        }
        write(items, context, outcomes);
        return outcomes;
    }

    /** A request with its picture, and its place in the batch. */
    private record Item(int index, PromptRequest request, PromptTask task) {}

    private static PromptTask task(PromptRequest request, StageContext context) {
        if (Words.count(request.originalPrompt()) == 0) {
            throw new StageException(
                    FailureCode.EMPTY_PROMPT,
                    "the prompt contains no word: say what should happen in the video");
        }
        var file = context.store().fetch(request.image(), context.scratch());
        return new PromptTask(request.originalPrompt(), Images.read(file), request.config());
    }

    private void write(
            List<Item> items, StageContext context, List<Outcome<PromptResult>> outcomes) {
        if (items.isEmpty()) {
            return;
        }
        var asked = Objects.requireNonNull(writer, "run was called before load");
        try {
            var start = System.nanoTime();
            var tasks = items.stream().map(Item::task).toList();
            var written = asked.write(tasks, watch(items, context));
            var millis = (System.nanoTime() - start) / 1_000_000 / items.size();
            for (var i = 0; i < items.size(); i++) {
                var item = items.get(i);
                outcomes.set(
                        item.index(),
                        new Outcome.Success<>(
                                result(item.request(), written.get(i)), Map.of("write", millis)));
            }
        } catch (CancelledException e) {
            items.forEach(i -> outcomes.set(i.index(), new Outcome.Returned<>("cancelled")));
        } catch (StageException e) {
            if (items.size() > 1 && dependsOnCompany(e)) {
                var half = items.size() / 2;
                write(items.subList(0, half), context, outcomes);
                write(items.subList(half, items.size()), context, outcomes);
            } else {
                items.forEach(i -> outcomes.set(i.index(), Outcome.failed(e)));
            }
        }
    }

    private static boolean dependsOnCompany(StageException e) {
        var category = e.code().category();
        return category == FailureCategory.USER || category == FailureCategory.RESOURCES;
    }

    private static Watch watch(List<Item> items, StageContext context) {
        return (step, of) -> {
            items.forEach(item -> context.progress(item.index(), step, of));
            return !context.cancelled();
        };
    }

    static PromptResult result(PromptRequest request, WrittenPrompt answer) {
        var written = held(request, answer);
        var source =
                switch (written.source()) {
                    case MODEL -> PromptResult.Source.MODEL;
                    case REPAIRED -> PromptResult.Source.REPAIRED;
                    case ORIGINAL -> PromptResult.Source.ORIGINAL;
                };
        return new PromptResult(
                written.text(),
                request.config().mode(),
                source,
                Words.count(written.text()),
                written.attempts(),
                written.remark(),
                written.tokenIds());
    }

    /**
     * Holds what was written against the user's own words. One that changes the subject, a colour,
     * a number, a denial or a direction is not used: the user's prompt goes to the generator.
     */
    private static WrittenPrompt held(PromptRequest request, WrittenPrompt written) {
        if (written.source() == WrittenPrompt.Source.ORIGINAL) {
            return written;
        }
        var changes = WrittenFaith.changes(request.originalPrompt(), written.text());
        if (changes.isEmpty()) {
            return written;
        }
        var remark = "not used, because " + String.join(", ", changes);
        return new WrittenPrompt(
                request.originalPrompt().strip(),
                WrittenPrompt.Source.ORIGINAL,
                written.attempts(),
                written.remark() == null ? remark : written.remark() + "; " + remark,
                written.tokenIds());
    }

    @Override
    public long peakDeviceBytes() {
        return loaded == null ? 0 : loaded.peakDeviceBytes();
    }

    @Override
    public void unload() {
        writer = null;
        if (loaded != null) {
            loaded.close();
            loaded = null;
        }
    }

    @Override
    public void close() {
        unload();
    }
}
