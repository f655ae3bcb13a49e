package dev.reelrank.bench.gate;

import dev.reelrank.dqa.VideoFile;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Clip;
import dev.reelrank.testbed.Corrupted;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testbed.LostDetail;
import dev.reelrank.testbed.Prompts;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Split;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * One clip that the gate is to judge.
 *
 * @param id unique among the clips of a bench; a file name
 * @param kind of its defect, {@link #CLEAN} for none
 * @param frames rendered when they are needed
 */
record GateClip(
        String id,
        String kind,
        String prompt,
        RgbImage reference,
        Supplier<List<RgbImage>> frames) {
    static final String CLEAN = "clean";
    private static final int FRAMES = 17;
    private static final double FPS = 16;

    /** A scene of the testbed as it should be, and with every defect that it can have. */
    static List<GateClip> ofScene(Split split, int index) {
        Scene scene = SceneMaker.scene(split.seed(index));
        String prefix = split.name().toLowerCase(Locale.ROOT) + "-" + index + "-";
        String prompt = Prompts.verbose(scene, index % 4);
        RgbImage still = Renderer.still(scene);
        var clips = new ArrayList<GateClip>();
        clips.add(
                new GateClip(
                        prefix + CLEAN,
                        CLEAN,
                        prompt,
                        still,
                        () -> Renderer.render(scene, FRAMES).frames()));
        // A usual ghost, brightness change or colour change.
        float strength = .3f + .3f * (index % 4) / 3;
        for (var c : Corruption.values()) {
            if (c != Corruption.WRONG_PLACE || scene.relation() != null) {
                String kind = c.name().toLowerCase(Locale.ROOT);
                clips.add(
                        new GateClip(
                                prefix + kind,
                                kind,
                                prompt,
                                still,
                                () -> Corrupted.make(scene, c, FRAMES, strength).clip().frames()));
            }
        }
        if (LostDetail.applies(scene)) {
            Supplier<Clip> lost = () -> LostDetail.of(scene, FRAMES);
            clips.add(
                    new GateClip(
                            prefix + "lost_detail",
                            "lost_detail",
                            prompt,
                            still,
                            () -> lost.get().frames()));
        }
        if (index % 2 == 0) {
            rest(scene, prefix, still, clips);
        }
        return clips;
    }

    /** A prompt of rest: with a clip that stays as it is, and with one that moves all the same. */
    private static void rest(Scene scene, String prefix, RgbImage still, List<GateClip> clips) {
        String prompt =
                "There is "
                        + Prompts.caption(scene)
                        + ". The "
                        + scene.first().kind().noun()
                        + " does not move.";
        clips.add(
                new GateClip(
                        prefix + "rest",
                        CLEAN,
                        prompt,
                        still,
                        () -> Collections.nCopies(FRAMES, still)));
        clips.add(
                new GateClip(
                        prefix + "unrest",
                        "unrest",
                        prompt,
                        still,
                        () -> Renderer.render(scene, FRAMES).frames()));
    }

    boolean isClean() {
        return kind.equals(CLEAN);
    }

    /** Encodes it as a generator does. */
    VideoFile encoded(Path folder) {
        Path video = folder.resolve(id + ".mp4");
        VideoWriter.write(video, frames.get(), VideoSettings.h264(FPS));
        return new VideoFile(prompt, null, reference, video);
    }
}
