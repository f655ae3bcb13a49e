package dev.reelrank.bench.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.qwen.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Qwen3-VL: ids of a conversation with its pictures, logits of each step, the tokens chosen. */
final class QwenConformance implements Comparison {
    private final Device device;
    private final QwenPrecision precision;

    QwenConformance(Device device, QwenPrecision precision) {
        this.device = device;
        this.precision = precision;
    }

    @Override
    public void compare(Fixture fixture, Findings findings) {
        var options = new QwenModel.Options(Long.MAX_VALUE, true, true);
        try (var model = QwenModel.load(fixture.model(), device, precision, options)) {
            for (var chat : fixture.description().path("chats")) {
                compare(model, fixture, chat, findings);
            }
        }
    }

    private static void compare(
            QwenModel model, Fixture fixture, JsonNode chat, Findings findings) {
        var pictures = new ArrayList<RgbImage>();
        chat.path("pictures").forEach(name -> pictures.add(fixture.picture(name)));
        var turns = new ArrayList<Turn>();
        if (!chat.path("system").asText().isEmpty()) {
            turns.add(Turn.system(chat.path("system").asText()));
        }
        turns.add(Turn.user(pictures, chat.path("text").asText()));
        findings.equal("tokenizer", model.tokens(turns).equals(integers(chat.path("ids"))));
        // Each step is computed after the original's choices, so that one near tie stays one.
        var logits = model.logits(turns, integers(chat.path("greedy")));
        float[] wanted = fixture.floats(chat.path("logits"));
        int width = wanted.length / logits.size();
        for (int step = 0; step < logits.size(); step++) {
            findings.compare(
                    step == 0 ? "prefill" : "decoding",
                    logits.get(step),
                    Arrays.copyOfRange(wanted, step * width, (step + 1) * width));
        }
    }

    private static List<Integer> integers(JsonNode list) {
        var values = new ArrayList<Integer>();
        list.forEach(value -> values.add(value.asInt()));
        return values;
    }
}
