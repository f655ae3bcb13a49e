package dev.reelrank.qwen;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The first pass over whole prompts, as one row of tokens: products run over all prompts at once,
 * attention over each of them. Pictures of one size go through the vision tower together.
 *
 * <p>In three steps, so that everything the host has to prepare is on the device before the first
 * network starts: a copy to a GPU waits for the work before it.
 */
final class Prefill {
    /** More patches than this do not go through the vision tower at once: about 0.6 GB for 8B. */
    private static final int MOST_PATCHES = 32_768;

    private final QwenConfig config;
    private final TorchDevice device;
    private final ImageProcessor images;
    private final VisionTower vision;
    private final TextDecoder decoder;
    private final Rope rope;

    Prefill(
            QwenConfig config,
            TorchDevice device,
            ImageProcessor images,
            VisionTower vision,
            TextDecoder decoder,
            Rope rope) {
        this.config = config;
        this.device = device;
        this.images = images;
        this.vision = vision;
        this.decoder = decoder;
        this.rope = rope;
    }

    /**
     * Where a prompt's tokens come from and go to.
     *
     * @param row of the cache
     * @param start its first column there
     * @param from its first token in the row of all prompts
     * @param tokens how many
     */
    record Segment(int row, int start, int from, int tokens) {}

    /**
     * Prompts on the device; tensors of the scope that was open.
     *
     * @param ids int64, shape (1, tokens of all)
     * @param turns rotary positions of these
     * @param ends each prompt's last token, int64, shape (prompts)
     * @param imageColumns where image tokens stand, int64; null without pictures
     * @param patches of every picture, in the order of their tokens
     */
    record Prepared(
            List<Segment> segments,
            Tensor ids,
            Rope.Turns turns,
            Tensor ends,
            @Nullable Tensor imageColumns,
            List<Patches> patches) {}

    /**
     * One picture.
     *
     * @param values float32, shape (patches, values of a patch)
     */
    record Patches(Tensor values, ImageGrid grid) {}

    /**
     * The host's part.
     *
     * @param firstRow the cache's row of the first prompt; the others follow
     * @param starts each prompt's first column there
     */
    Prepared prepare(List<QwenEngine.Encoded> prompts, int firstRow, List<Integer> starts) {
        var segments = new ArrayList<Segment>();
        var total = prompts.stream().mapToInt(p -> p.ids().length).sum();
        var ids = new long[total];
        var axes = new long[3][total];
        var ends = new long[prompts.size()];
        var from = 0;
        for (var i = 0; i < ends.length; i++) {
            var prompt = prompts.get(i);
            var tokens = prompt.ids().length;
            for (var t = 0; t < tokens; t++) {
                ids[from + t] = prompt.ids()[t];
            }
            var positions = positions(prompt).axes();
            for (var axis = 0; axis < 3; axis++) {
                System.arraycopy(positions[axis], 0, axes[axis], from, tokens);
            }
            segments.add(new Segment(firstRow + i, starts.get(i), from, tokens));
            from += tokens;
            ends[i] = from - 1L;
        }
        var pictures = prompts.stream().flatMap(p -> p.pictures().stream()).toList();
        return new Prepared(
                segments,
                device.place(Ops.tensor(ids, 1, total), DType.INT64),
                rope.turns(new Positions(axes, 0)),
                device.place(Ops.tensor(ends, ends.length), DType.INT64),
                imageColumns(ids),
                patches(pictures));
    }

    /** Where each token of a prompt stands. */
    Positions positions(QwenEngine.Encoded prompt) {
        return Positions.of(
                prompt.ids(),
                config.imageToken(),
                prompt.pictures().stream().map(images::grid).toList(),
                config.vision().merge());
    }

    private @Nullable Tensor imageColumns(long[] ids) {
        var columns =
                IntStream.range(0, ids.length)
                        .filter(i -> ids[i] == config.imageToken())
                        .asLongStream()
                        .toArray();
        return columns.length == 0
                ? null
                : device.place(Ops.tensor(columns, columns.length), DType.INT64);
    }

    /** Pictures on the device. */
    List<Patches> patches(List<RgbImage> pictures) {
        return pictures.stream()
                .map(p -> new Patches(images.patches(p, device), images.grid(p)))
                .toList();
    }

    /** What the decoder sees of every picture, in order; tensors of the open scope. */
    List<VisionTower.Features> see(List<Patches> pictures) {
        Map<ImageGrid, List<Integer>> bySize = new LinkedHashMap<>();
        for (var i = 0; i < pictures.size(); i++) {
            bySize.computeIfAbsent(pictures.get(i).grid(), grid -> new ArrayList<>()).add(i);
        }
        var seen = new VisionTower.Features[pictures.size()];
        bySize.forEach(
                (grid, all) -> {
                    var most = Math.max(1, MOST_PATCHES / grid.patches());
                    for (var from = 0; from < all.size(); from += most) {
                        var some = all.subList(from, Math.min(all.size(), from + most));
                        var values =
                                some.stream()
                                        .map(i -> pictures.get(i).values())
                                        .toArray(Tensor[]::new);
                        var features = vision.forward(Ops.stack(0, values), grid);
                        for (var k = 0; k < some.size(); k++) {
                            seen[some.get(k)] = features.of(k);
                        }
                    }
                });
        return List.of(seen);
    }

    /**
     * Goes through the decoder and fills the cache.
     *
     * @param seen of every picture of these prompts, in order
     * @return the logits of each prompt's last token, shape (prompts, vocabulary)
     */
    Tensor read(Prepared prompts, List<VisionTower.Features> seen, KeyValueCache cache) {
        return TensorScope.compute(
                () -> {
                    var embedded = decoder.embed(prompts.ids());
                    var columns = prompts.imageColumns();
                    var deepstack = new ArrayList<Tensor>();
                    if (columns != null) {
                        var tokens = seen.stream().map(VisionTower.Features::tokens).toList();
                        embedded = embedded.index_copy(1, columns, joined(tokens).unsqueeze(0));
                        for (var i = 0; i < config.vision().deepstack().size(); i++) {
                            var level = i;
                            deepstack.add(
                                    joined(
                                            seen.stream()
                                                    .map(f -> f.deepstack().get(level))
                                                    .toList()));
                        }
                    }
                    var hidden =
                            decoder.forward(
                                    embedded,
                                    prompts.turns(),
                                    cache.prefill(prompts.segments()),
                                    columns,
                                    deepstack);
                    return decoder.logits(hidden.squeeze(0).index_select(0, prompts.ends()));
                });
    }

    /** A prompt as the decoder's layers get it, without a cache. */
    QwenEngine.Laid lay(QwenEngine.Encoded prompt) {
        var prepared = prepare(List.of(prompt), 0, List.of(0));
        var embedded = decoder.embed(prepared.ids());
        var columns = prepared.imageColumns();
        var deepstack = new ArrayList<Tensor>();
        if (columns != null) {
            var seen = see(prepared.patches());
            var tokens = seen.stream().map(VisionTower.Features::tokens).toList();
            embedded = embedded.index_copy(1, columns, joined(tokens).unsqueeze(0));
            for (var i = 0; i < config.vision().deepstack().size(); i++) {
                var level = i;
                deepstack.add(joined(seen.stream().map(f -> f.deepstack().get(level)).toList()));
            }
        }
        var constants = new ArrayList<>(deepstack);
        constants.add(prepared.turns().cos());
        constants.add(prepared.turns().sin());
        if (columns != null) {
            constants.add(columns);
        }
        return new QwenEngine.Laid(
                embedded, decoder.blocks(prepared.turns(), columns, deepstack), constants);
    }

    private static Tensor joined(List<Tensor> parts) {
        return parts.size() == 1 ? parts.get(0) : Ops.cat(0, parts.toArray(Tensor[]::new));
    }
}
