package dev.reelrank.generator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.MemoryReport;

/** The JSON that {@code generate --json} prints. */
final class GenerateReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode json = JSON.createObjectNode();

    GenerateReport(Device device, GenerationSettings settings) {
        json.put("device", device.toString());
        json.put("width", settings.width()).put("height", settings.height());
        json.put("frames", settings.frames()).put("steps", settings.steps());
        json.put("guidance", settings.guidance()).put("scheduler", settings.scheduler());
        settings.parameters().forEach(json::put);
    }

    void loaded(LoadSettings loading, long begin) {
        json.put("precision", loading.precision().id()).put("offload", loading.offload().id());
        json.put("loadMillis", millisSince(begin));
    }

    void conditioned(long begin) {
        json.put("conditionMillis", millisSince(begin));
    }

    void made(long seed, MadeVideo made) {
        var info = made.info();
        var entry = json.withArray("videos").addObject();
        entry.put("seed", seed).put("file", info.file().toString()).put("codec", info.codec());
        entry.put("bytes", info.bytes());
        entry.set("used", JSON.valueToTree(made.used()));
        made.generation().facts().forEach(entry::put);
        made.timings().forEach((part, millis) -> entry.put(part + "Millis", millis));
        made.generation()
                .memory()
                .forEach(
                        (part, memory) ->
                                entry.put(part + "PeakGib", MemoryReport.gib(memory.peak())));
    }

    void peak(long bytes) {
        json.put("peakGib", MemoryReport.gib(bytes));
    }

    private static long millisSince(long begin) {
        return (System.nanoTime() - begin) / 1_000_000;
    }

    @Override
    public String toString() {
        return json.toPrettyString();
    }
}
