package dev.reelrank.bench.testbed;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.perception.ClipModel;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.perception.Instance;
import dev.reelrank.perception.Sam3;
import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.Mask;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.ranking.SquareCrop;
import dev.reelrank.testbed.Kind;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.Subject;
import dev.reelrank.testbed.Wording;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;

/** What the perception models see in rendered frames. */
final class PerceptionMeasures {
    /** One of this many is right. */
    private static final int CHOICES = 32;

    private static final int MIDDLE = 8;

    private PerceptionMeasures() {}

    /** Masks of named subjects, and silence about one that is not there. */
    static void segment(Sam3 sam3, List<Scene> scenes, ObjectNode json) {
        RankingConfig config = RankingConfig.defaults();
        Mean iou = new Mean();
        Mean rejected = new Mean();
        for (Scene scene : scenes) {
            var clip = Renderer.render(scene, Renderer.FRAMES);
            int frame = (int) (scene.seed() % Renderer.FRAMES);
            try (var picture = sam3.look(clip.frames().get(frame))) {
                Function<String, List<Instance>> found =
                        phrase ->
                                sam3.segment(
                                        picture,
                                        sam3.read(phrase),
                                        config.instanceThreshold(),
                                        config.maskThreshold());
                for (int i = 0; i < scene.subjects().size(); i++) {
                    BitSet truth = pixels(clip.masks().get(frame), i + 1);
                    String phrase = Wording.phrase(scene.subjects().get(i));
                    iou.add(iou(found.apply(phrase), truth, scene.size()));
                }
                rejected.add(found.apply(absent(scene)).isEmpty());
            }
        }
        json.put("sam3Iou", iou.value());
        json.put("sam3AbsentRejected", rejected.value());
        json.put("sam3Masks", iou.count());
    }

    /** A subject of another kind than any of the scene, in the first one's colour and pattern. */
    private static String absent(Scene scene) {
        Kind[] kinds = Kind.values();
        int at = (int) (scene.seed() % kinds.length);
        while (named(scene, kinds[at % kinds.length])) {
            at++;
        }
        Subject first = scene.first();
        return Wording.phrase(first.as(kinds[at % kinds.length], first.colour()));
    }

    private static boolean named(Scene scene, Kind kind) {
        return scene.subjects().stream().anyMatch(s -> s.kind() == kind);
    }

    private static double iou(List<Instance> found, BitSet truth, int size) {
        BitSet union = new BitSet();
        if (!found.isEmpty()) {
            Mask mask = Mask.union(found.stream().map(Instance::mask).toList());
            for (int i = 0; i < size * size; i++) {
                union.set(i, mask.at(i % size, i / size));
            }
        }
        BitSet both = (BitSet) union.clone();
        both.and(truth);
        union.or(truth);
        return union.isEmpty() ? 1 : (double) both.cardinality() / union.cardinality();
    }

    private static BitSet pixels(byte[] mask, int label) {
        BitSet pixels = new BitSet();
        for (int i = 0; i < mask.length; i++) {
            pixels.set(i, mask[i] == label);
        }
        return pixels;
    }

    /** Finds a subject at the end of its clip among other subjects by the first frames. */
    static void retrieve(Dinov3 dinov3, List<Scene> scenes, ObjectNode json) {
        List<float[]> first = new ArrayList<>();
        List<float[]> last = new ArrayList<>();
        for (Scene scene : scenes) {
            var clip = Renderer.render(scene, Renderer.FRAMES);
            int end = Renderer.FRAMES - 1;
            first.add(
                    dinov3.tokens(crop(clip.frames().get(0), pixels(clip.masks().get(0), 1)))
                            .cls());
            last.add(
                    dinov3.tokens(crop(clip.frames().get(end), pixels(clip.masks().get(end), 1)))
                            .cls());
        }
        json.put("dinoRetrieval", retrieved(last, first));
    }

    /** Finds a frame's caption among others. */
    static void caption(ClipModel clip, List<Scene> scenes, ObjectNode json) {
        List<RgbImage> frames =
                scenes.stream()
                        .map(s -> Renderer.render(s, Renderer.FRAMES).frames().get(MIDDLE))
                        .toList();
        List<float[]> captions =
                scenes.stream().map(s -> clip.embedText(Prompts.caption(s))).toList();
        json.put("clipRetrieval", retrieved(clip.embedImages(frames), captions));
    }

    /** The share of queries whose own key is nearest by cosine among CHOICES. */
    private static double retrieved(List<float[]> queries, List<float[]> keys) {
        Mean right = new Mean();
        for (int i = 0; i < queries.size(); i++) {
            int from = Math.max(0, Math.min(i / CHOICES * CHOICES, queries.size() - CHOICES));
            int best = from;
            double most = -2;
            for (int j = from; j < Math.min(queries.size(), from + CHOICES); j++) {
                double cosine = cosine(queries.get(i), keys.get(j));
                if (cosine > most) {
                    most = cosine;
                    best = j;
                }
            }
            right.add(best == i);
        }
        return right.value();
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double aa = 1e-12;
        double bb = 1e-12;
        for (int i = 0; i < a.length; i++) {
            dot += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return dot / Math.sqrt(aa * bb);
    }

    /** The square that the reranker cuts out around a mask. */
    private static RgbImage crop(RgbImage image, BitSet mask) {
        int left = image.width();
        int top = image.height();
        int right = 0;
        int bottom = 0;
        for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
            left = Math.min(left, i % image.width());
            right = Math.max(right, i % image.width() + 1);
            top = Math.min(top, i / image.width());
            bottom = Math.max(bottom, i / image.width() + 1);
        }
        if (right <= left) {
            return image;
        }
        Box box =
                SquareCrop.around(new Box(left, top, right, bottom), image.width(), image.height());
        int width = (int) (box.x1() - box.x0());
        int height = (int) (box.y1() - box.y0());
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            System.arraycopy(
                    image.rgb(),
                    (((int) box.y0() + y) * image.width() + (int) box.x0()) * 3,
                    rgb,
                    y * width * 3,
                    width * 3);
        }
        return new RgbImage(width, height, rgb);
    }
}
