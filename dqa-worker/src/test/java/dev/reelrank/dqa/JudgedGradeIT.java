package dev.reelrank.dqa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.adapter.DiffusersAdapter;
import dev.reelrank.alignment.adapter.NetworkAdapter;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.qwen.QwenJudge;
import dev.reelrank.qwen.QwenPrecision;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.LoraConfig;
import dev.reelrank.torch.train.LoraLayers;
import dev.reelrank.video.Images;
import dev.reelrank.video.SpreadFrames;
import dev.reelrank.worker.store.LocalStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The preference evidence by the vision-language model with an adapter. */
final class JudgedGradeIT {
    private static final LoraConfig LORA = new LoraConfig(2, 4, 0, QwenJudge.TARGETS);

    @TempDir Path folder;

    private static QwenJudge judge() {
        var judge =
                QwenJudge.load(
                        TestbedStage.MODELS.resolve("qwen"),
                        Device.CPU,
                        QwenPrecision.FP32,
                        new LoraLayers(LORA, 3),
                        QwenJudge.Wording.BETTER);
        try (var scope = TensorScope.inference()) {
            // An adapter that changes something: its second halves begin at zero.
            judge.adapters()
                    .tensors()
                    .forEach(
                            (name, leaf) -> {
                                if (name.endsWith("lora_B.weight")) {
                                    leaf.detach().fill_(new Scalar(0.02));
                                }
                            });
        }
        return judge;
    }

    private static GradeRequest request(
            BlobRef image, BlobRef video, GradeConfig.Preference preference) {
        String prompt = RenderedClips.prompt(0);
        return new GradeRequest(
                prompt,
                prompt,
                null,
                image,
                new CandidateVideo(7, video, "work"),
                PreferenceVersion.NONE,
                GradeConfig.defaults().withPreference(preference));
    }

    @Test
    void shouldTakeThePreferenceFromTheAdapterThatTheRunNames() throws Exception {
        Path clip = RenderedClips.rendered(folder.resolve("clip.mp4"), 0, 5);
        Path file = folder.resolve("judge.safetensors");
        double expected;
        double base;
        try (var judge = judge();
                var seen = judge.look(SpreadFrames.of(clip, GradeConfig.defaults().frames()))) {
            expected = judge.answer(seen).probability();
            judge.adapters().on(false);
            base = judge.answer(seen).probability();
            DiffusersAdapter.write(
                    file, "transformer", new NetworkAdapter(2, 4, judge.adapters().tensors()));
        }
        assertThat(expected).isNotCloseTo(base, within(1e-4));
        try (var store = LocalStore.open(folder.resolve("store"));
                var stage = TestbedStage.stage(folder.resolve("cache"))) {
            var image = store.putBlob(Images.png(RenderedClips.still(0)), "image/png");
            var video = store.putBlob(clip, "video/mp4");
            var files = Map.of("language_model", store.putBlob(file, "application/octet-stream"));
            var named = new GradeConfig.Preference("vlm", "adapter:taste@1", files, null);
            var foreign = new GradeConfig.Preference("vlm", "adapter:taste@1", files, "0000");
            var open = new GradeConfig.Preference("vlm", "adapter:taste@1", Map.of(), null);
            var outcomes =
                    stage.run(
                            List.of(
                                    request(image, video, named),
                                    request(image, video, GradeConfig.Preference.head()),
                                    request(image, video, foreign),
                                    request(image, video, open)),
                            new Batch(store, folder));
            var judged = ((Outcome.Success<GradeResult>) outcomes.get(0)).result();
            var evidence = judged.evidence().get("preference");
            assertThat(evidence.used()).isTrue();
            assertThat(evidence.score()).isCloseTo(expected, within(1e-4));
            assertThat(new ObjectMapper().readTree(evidence.details()).path("adapter").asText())
                    .isEqualTo("adapter:taste@1");
            assertThat(judged.phases())
                    .extracting(GradeResult.PhaseMemory::phase)
                    .containsExactly("language", "perception", "motion", "judge");
            var byHead = ((Outcome.Success<GradeResult>) outcomes.get(1)).result();
            assertThat(byHead.evidence().get("preference").used()).isFalse();
            assertThat(outcomes.get(2))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            f -> assertThat(f.code()).isEqualTo(FailureCode.MODEL_MISMATCH));
            assertThat(outcomes.get(3))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            f -> assertThat(f.code()).isEqualTo(FailureCode.INVALID_SAMPLE));
        }
    }
}
