package dev.reelrank.bench.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.perception.ClipModel;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.PerceptionSettings;
import dev.reelrank.perception.Sam3;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.qwen.QwenModel;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.Truth;
import dev.reelrank.testbed.WrittenPrompts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Measures every checkpoint of a models folder on the held-out scenes; the same clips serve every
 * measure.
 *
 * @param models the folder with {@code wan qwen dinov3 sam3 clip}
 * @param parts which of them to measure, and {@code ranking}
 * @param split whose scenes; test for published figures, validation for choosing
 * @param from the first scene of the split
 * @param scenes how many scenes
 * @param ranked how many of them get three candidates and a winner
 * @param seeds of the candidates
 * @param steps of the generator, 0 for the model's default
 * @param lightning whether the Lightning LoRAs are merged
 * @param device where everything computes
 * @param threads CPU threads
 */
public record TestbedRun(
        Path models,
        Set<String> parts,
        Split split,
        int from,
        int scenes,
        int ranked,
        List<Long> seeds,
        int steps,
        boolean lightning,
        Device device,
        int threads) {
    /** Every part. */
    public static final Set<String> PARTS =
            Set.of("wan", "qwen", "dinov3", "sam3", "clip", "ranking");

    /** Every eighth scene goes through the VAE alone. */
    private static final int VAE_EVERY = 8;

    public TestbedRun {
        parts = Set.copyOf(parts);
        seeds = List.copyOf(seeds);
    }

    /**
     * Measures.
     *
     * @param folder for videos, emptied by the caller
     * @param progress told what is done
     * @return the figures by their keys; a part that was not measured has none
     */
    public ObjectNode measure(Path folder, Consumer<String> progress) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        List<Scene> all =
                IntStream.range(from, from + scenes)
                        .mapToObj(i -> SceneMaker.scene(split.seed(i)))
                        .toList();
        List<String> prompts = prompts(all, json, progress);
        if (wants("wan")) {
            clips(all, prompts, folder, json, progress);
        }
        PerceptionSettings settings = new PerceptionSettings(device, threads);
        if (wants("sam3")) {
            try (Sam3 sam3 = Sam3.load(models.resolve("sam3"), settings)) {
                PerceptionMeasures.segment(sam3, all, json);
            }
            progress.accept("sam3");
        }
        if (wants("dinov3")) {
            try (Dinov3 dinov3 = Dinov3.load(models.resolve("dinov3"), settings)) {
                PerceptionMeasures.retrieve(dinov3, all, json);
            }
            progress.accept("dinov3");
        }
        if (wants("clip")) {
            try (ClipModel clip = ClipModel.load(models.resolve("clip"), settings)) {
                PerceptionMeasures.caption(clip, all, json);
            }
            progress.accept("clip");
        }
        Targets.missed(json).forEach(json.putArray("missed")::add);
        return json;
    }

    private boolean wants(String part) {
        if (!parts.contains(part)) {
            return false;
        }
        if (!Files.isDirectory(models.resolve(part))) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "no folder '%s' in %s: choose another --models, or omit it with --part"
                            .formatted(part, models));
        }
        return true;
    }

    /** The written prompts where the writer is measured, else what it should write. */
    private List<String> prompts(List<Scene> all, ObjectNode json, Consumer<String> progress) {
        if (!wants("qwen")) {
            json.put("promptsFrom", "targets");
            return all.stream().map(WrittenPrompts::ultraEnrich).toList();
        }
        json.put("promptsFrom", "qwen");
        try (QwenModel model =
                QwenModel.load(
                        models.resolve("qwen"), device, QwenPrecision.parse("auto", device))) {
            PromptMeasures measures = new PromptMeasures(model);
            List<String> prompts = measures.write(all, "ultra_enrich");
            progress.accept("prompts");
            measures.write(all.subList(0, (all.size() + 3) / 4), "simplify_v2");
            measures.ask(all, YesNo.ofResources());
            measures.write(json);
            progress.accept("questions");
            return prompts;
        }
    }

    private void clips(
            List<Scene> all,
            List<String> prompts,
            Path folder,
            ObjectNode json,
            Consumer<String> progress) {
        ClipMeasures measures = new ClipMeasures();
        Mean vae = new Mean();
        boolean ranking = parts.contains("ranking");
        try (Generator generator = Generator.load(models, device, steps, lightning);
                Judgement judgement =
                        ranking ? new Judgement(models, folder, device, threads) : null) {
            for (int i = 0; i < all.size(); i++) {
                Scene scene = all.get(i);
                Truth truth = new Truth(scene, generator.frames());
                boolean judged = judgement != null && i < ranked;
                List<Long> wanted = judged ? seeds : seeds.subList(0, 1);
                RgbImage image = truth.clip().frames().get(0);
                List<List<RgbImage>> clips = generator.generate(prompts.get(i), image, wanted);
                measures.add(scene, truth, clips.get(0));
                if (i % VAE_EVERY == 0) {
                    vae.add(psnr(truth, generator.reconstruct(truth.clip().frames())));
                }
                if (judgement != null && judged) {
                    judgement.add(scene, truth, Prompts.verbose(scene, 0), prompts.get(i), clips);
                }
                progress.accept("clips of scene " + (i + 1) + " of " + all.size());
            }
            json.put("vaePsnr", vae.value());
            measures.write(json);
            if (judgement != null) {
                judgement.write(json);
            }
        }
    }

    private static double psnr(Truth truth, List<RgbImage> clip) {
        List<Double> all = new ArrayList<>();
        for (int i = 0; i < clip.size(); i++) {
            all.add(truth.psnr(clip.get(i), i));
        }
        return all.stream().mapToDouble(p -> p).average().orElseThrow();
    }
}
