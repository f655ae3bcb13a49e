package dev.reelrank.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig.Lora;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of other generators, where a training of Wan is to go on from them. */
final class ParentAdapterIT {
    private static final AlignConfig SHORT = TinyTraining.config(2, 2, 1e-3, 0);

    @TempDir Path folder;

    private LocalStore store;
    private TinyTraining tiny;

    @BeforeEach
    void open() {
        store = LocalStore.open(folder.resolve("store"));
        tiny = new TinyTraining(folder, store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** A trained adapter of one of the tiny models. */
    private AdapterRef trained(String model, String name) throws IOException {
        var of = new TinyTraining(folder, store, model);
        var config = TinyTraining.config(model, 2, 2, 1e-3, 0);
        return new AdapterRef(
                name, 1, run(of.request(of.pairs(1), config), BatchListener.NONE).files());
    }

    private AlignResult run(AlignRequest request, BatchListener heard) {
        try (var runner =
                StageRunner.of(TinyTraining.stage(folder, store, List.of()), store, Device.CPU)) {
            return runner.run(request, heard).result();
        }
    }

    /** A training that has encoded or trained anything says so. */
    private static final BatchListener NOTHING =
            new BatchListener() {
                @Override
                public void progress(int item, int step, int of) {
                    throw new AssertionError("work was done: step " + step);
                }

                @Override
                public void progress(int item, int step, int of, Map<String, Double> latest) {
                    throw new AssertionError("work was done: " + latest);
                }

                @Override
                public boolean cancelled() {
                    return false;
                }

                @Override
                public void loaded(String model, long millis) {}
            };

    private String refused(AlignRequest request) throws IOException {
        long before = blobs();
        var refusal = catchThrowable(() -> run(request, NOTHING));
        assertThat(refusal).isInstanceOf(StageException.class);
        assertThat(((StageException) refusal).code()).isEqualTo(FailureCode.MODEL_MISMATCH);
        assertThat(blobs()).as("encoded pairs lie in the store").isEqualTo(before);
        return refusal.getMessage();
    }

    private long blobs() throws IOException {
        try (var files = Files.list(folder.resolve("store/blobs"))) {
            return files.count();
        }
    }

    @Test
    void aParentOfAnotherFamilyIsRefusedBeforeAnythingIsEncoded() throws Exception {
        for (String family : List.of("animatediff", "cogvideox")) {
            var parent = trained(family, "other");
            assertThat(refused(tiny.request(tiny.pairs(2), SHORT, "", parent, family)))
                    .contains("the training cannot go on from other@1")
                    .contains("an adapter for models of family " + family)
                    .contains("a model of family wan is trained")
                    .contains("name a parent of this family")
                    .contains("--base")
                    .contains("leave --parent out");
        }
    }

    @Test
    void whereItsFamilyIsNotKnownItsFilesSayThatItDoesNotFit() throws Exception {
        var unet = trained("animatediff", "moves");
        assertThat(unet.files().keySet()).containsExactly("unet");
        assertThat(refused(tiny.request(tiny.pairs(2), SHORT, "", unet)))
                .contains("the training of a model of family wan cannot go on from moves@1")
                .contains("has no network 'unet'; it has [transformer, transformer_2]")
                .contains("name a parent that was trained on this model");
        // Both call their network a transformer; only the layers differ.
        var transformer = trained("cogvideox", "cog");
        assertThat(transformer.files().keySet()).containsExactly("transformer");
        assertThat(refused(tiny.request(tiny.pairs(2), SHORT, "", transformer)))
                .contains("cannot go on from cog@1")
                .contains("it changes the layer 'transformer_blocks.0.attn1.")
                .contains("not among the training's targets");
    }

    @Test
    void aParentThatWouldChangeNothingOrHasAnotherRankIsRefusedBeforeAnythingIsEncoded()
            throws Exception {
        var first = trained("wan", "smooth");
        var high = new AdapterRef("smooth", 1, Map.of("transformer", file(first, "transformer")));
        var low = AlignFigures.shaped(SHORT, List.of("transformer_2"), 4);
        assertThat(refused(tiny.request(tiny.pairs(2), low, "", high, "wan")))
                .contains("smooth@1: it changes the networks [transformer]")
                .contains("those that are trained are [transformer_2]");
        assertThat(
                        refused(
                                tiny.request(
                                        tiny.pairs(2),
                                        AlignFigures.shaped(SHORT, List.of(), 2),
                                        "",
                                        first)))
                .contains("cannot go on from smooth@1")
                .contains("has the rank 4 and the alpha 8.0, the training 2 and 8.0");
        var text = store.putBlob("no adapter".getBytes(), "application/octet-stream");
        var broken = new AdapterRef("smooth", 2, Map.of("transformer", text));
        assertThat(refused(tiny.request(tiny.pairs(2), SHORT, "", broken)))
                .contains("cannot go on from smooth@2");
    }

    private static BlobRef file(AdapterRef adapter, String network) {
        return adapter.files().get(network);
    }

    @Test
    void anAdapterOfAnotherFamilyIsNotMergedIntoTheBase() throws Exception {
        var foreign = trained("animatediff", "moves");
        var merged =
                SHORT.withLoras(
                        List.of(
                                new Lora(
                                        "adapter:moves@1",
                                        1,
                                        foreign.files(),
                                        null,
                                        "animatediff")));
        assertThat(refused(tiny.request(tiny.pairs(2), merged)))
                .contains("adapter:moves@1 is an adapter for generators of family animatediff")
                .contains("is of family wan")
                .contains("or leave it out");
        var wan = BaseModel.of(SHORT, ModelFolders.of(TinyTraining.models(folder)));
        assertThatThrownBy(() -> wan.requireMerged(merged.loras()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining(
                        "adapter:moves@1 is an adapter for models of family animatediff")
                .hasMessageContaining("a model of family wan is trained");
        wan.requireMerged(null);
        wan.requireMerged(List.of(new Lora("lightning", 1), new Lora("adapter:a@1", 1)));
    }

    @Test
    void theCommandKnowsItBeforeItDrawsPairs() throws Exception {
        var wan = BaseModel.of(SHORT, ModelFolders.of(TinyTraining.models(folder)));
        assertThatThrownBy(() -> wan.requireParent("moves@3", "animatediff", "abc"))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining("moves@3")
                .hasMessageContaining("family animatediff")
                .hasMessageContaining("family wan");
        assertThatThrownBy(() -> wan.requireParent("smooth@3", "wan", "abc"))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining(
                        "smooth@3, which was trained on a model with the fingerprint abc")
                .hasMessageContaining(wan.fingerprint())
                .hasMessageContaining("--base");
        wan.requireParent("smooth@3", "wan", wan.fingerprint());
        wan.requireParent("imported@1", null, "");
    }
}
