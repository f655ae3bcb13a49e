package dev.reelrank.bench.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.schedule.EulerScheduler;
import dev.reelrank.diffusion.schedule.Scheduler;
import dev.reelrank.diffusion.schedule.UniPcScheduler;
import dev.reelrank.diffusion.text.PromptCleaner;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.wan.WanPiecewise;
import dev.reelrank.wan.WanSnapshot;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Wan2.2: cleaning, tokenizer, text encoder, VAE, each expert, LoRA, schedulers, whole videos. */
final class WanConformance implements Comparison {
    private final TorchDevice device;
    private final Precision precision;
    private final Offload offload;

    WanConformance(TorchDevice device, Precision precision, Offload offload) {
        this.device = device;
        this.precision = precision;
        this.offload = offload;
    }

    @Override
    public void compare(Fixture fixture, Findings findings) {
        var snapshot = WanSnapshot.open(fixture.model());
        var parts = new WanPiecewise(snapshot, device, precision.dtype());
        compareTexts(parts, fixture, findings);
        compareVae(parts, fixture, findings);
        compareExperts(parts, fixture, findings);
        for (var entry : fixture.description().path("schedulers")) {
            compareScheduler(fixture, entry, findings);
        }
        comparePipeline(snapshot, fixture, fixture.description().path("pipeline"), findings);
    }

    private static void compareTexts(WanPiecewise parts, Fixture fixture, Findings findings) {
        try (var texts = parts.texts()) {
            for (var entry : fixture.description().path("texts")) {
                String prompt = entry.path("prompt").asText();
                findings.equal(
                        "cleaning",
                        PromptCleaner.clean(prompt).equals(entry.path("cleaned").asText()));
                long[] ids = texts.tokens(prompt);
                boolean same = ids.length == entry.path("ids").size();
                for (int i = 0; same && i < ids.length; i++) {
                    same = ids[i] == entry.path("ids").get(i).asLong();
                }
                findings.equal("tokenizer", same);
                try (var scope = TensorScope.open();
                        var context = texts.encode(prompt)) {
                    findings.compare("text", context.rows(), fixture.tensor(entry.path("rows")));
                }
            }
        }
    }

    private static void compareVae(WanPiecewise parts, Fixture fixture, Findings findings) {
        var vae = fixture.description().path("vae");
        for (var entry : vae.path("encode")) {
            try (var scope = TensorScope.open()) {
                findings.compare(
                        "vae encoder",
                        parts.encode(fixture.tensor(entry.path("in"))),
                        fixture.tensor(entry.path("out")));
            }
        }
        for (var entry : vae.path("decode")) {
            try (var scope = TensorScope.open()) {
                findings.compare(
                        "vae decoder",
                        parts.decode(fixture.tensor(entry.path("in"))),
                        fixture.tensor(entry.path("out")));
            }
        }
    }

    private static void compareExperts(WanPiecewise parts, Fixture fixture, Findings findings) {
        var experts = fixture.description().path("experts");
        var lora = fixture.description().path("lora");
        for (var entry : experts.path("answers")) {
            String part = entry.path("part").asText();
            for (boolean changed : new boolean[] {false, true}) {
                List<LoraSpec> loras = changed ? List.of(lora(fixture, lora)) : List.of();
                try (var scope = TensorScope.open()) {
                    findings.compare(
                            changed ? "lora on " + part : part,
                            parts.velocity(
                                    part,
                                    loras,
                                    fixture.tensor(experts.path("x")),
                                    entry.path("timestep").asDouble(),
                                    fixture.tensor(experts.path("text"))),
                            fixture.tensor(entry.path(changed ? "withLora" : "out")));
                }
            }
        }
    }

    private static LoraSpec lora(Fixture fixture, JsonNode lora) {
        return new LoraSpec(
                fixture.folder().resolve(lora.path("file").asText()),
                lora.path("strength").asDouble());
    }

    /** The velocity is a fixed function of sample and timestep, so that no model is needed. */
    private static void compareScheduler(Fixture fixture, JsonNode entry, Findings findings) {
        int steps = entry.path("steps").asInt();
        double shift = entry.path("shift").asDouble();
        try (var scope = TensorScope.open()) {
            Scheduler scheduler =
                    entry.path("name").asText().equals("euler")
                            ? new EulerScheduler(steps, shift)
                            : new UniPcScheduler(steps, shift);
            try {
                double[] timesteps = scheduler.timesteps();
                findings.compare(
                        "timesteps", floats(timesteps), fixture.floats(entry.path("timesteps")));
                findings.compare(
                        "noise levels",
                        floats(scheduler.sigmas()),
                        fixture.floats(entry.path("sigmas")));
                Tensor wanted = fixture.tensor(entry.path("samples"));
                Tensor x = wanted.narrow(0, 0, 1);
                for (int i = 0; i < steps; i++) {
                    Tensor velocity = torch.sin(Ops.mul(x, 3)).add(Ops.mul(x, timesteps[i] / 1000));
                    x = scheduler.step(i, velocity, x);
                    findings.compare("scheduler", x, wanted.narrow(0, i + 1, 1));
                }
            } finally {
                scheduler.close();
            }
        }
    }

    private static float[] floats(double[] values) {
        var floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private void comparePipeline(
            WanSnapshot snapshot, Fixture fixture, JsonNode wanted, Findings findings) {
        Map<String, Double> parameters = new TreeMap<>();
        parameters.put("shift", wanted.path("shift").asDouble());
        if (wanted.has("boundary")) {
            parameters.put("boundary", wanted.path("boundary").asDouble());
            // The original uses one guidance for both experts where it is given one.
            parameters.put("guidanceLow", wanted.path("guidance").asDouble());
        }
        new VideoConformance(device, precision, offload)
                .compare(snapshot, parameters, fixture, wanted, findings);
    }
}
