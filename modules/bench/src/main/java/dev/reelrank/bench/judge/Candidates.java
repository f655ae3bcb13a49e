package dev.reelrank.bench.judge;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.SceneMaker;
import dev.reelrank.testbed.Speed;
import dev.reelrank.testbed.Split;
import dev.reelrank.testbed.Subject;
import dev.reelrank.testbed.Truth;
import dev.reelrank.testbed.WrittenPrompts;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Two videos of one sample, as candidates differ: the subject's size, its place and how far it goes
 * are drawn anew for each.
 *
 * @param sample its id
 * @param prompt of both
 * @param reference the scene's first frame
 * @param first its scene
 * @param second its scene
 * @param firstVideo mp4
 * @param secondVideo mp4
 */
record Candidates(
        String sample,
        String prompt,
        RgbImage reference,
        Scene first,
        Scene second,
        Path firstVideo,
        Path secondVideo) {
    private static final int FRAMES = 17;
    private static final double FPS = 8;

    /** Renders both; what was rendered before is kept. */
    static Candidates of(Split split, int index, Path folder) {
        var scene = SceneMaker.scene(split.seed(index));
        var random = new SplittableRandom(split.seed(index));
        boolean slowFirst = random.nextBoolean();
        var first = varied(scene, random, slowFirst ? Speed.SLOW : Speed.FAST);
        var second = varied(scene, random, slowFirst ? Speed.FAST : Speed.SLOW);
        String sample = split.name().toLowerCase(java.util.Locale.ROOT) + "-" + index;
        return new Candidates(
                sample,
                WrittenPrompts.ultraEnrich(scene),
                new Truth(scene, FRAMES).clip().frames().get(0),
                first,
                second,
                video(folder.resolve(sample + "-a.mp4"), first),
                video(folder.resolve(sample + "-b.mp4"), second));
    }

    private static Scene varied(Scene of, SplittableRandom random, Speed speed) {
        Subject s = of.first();
        var other =
                new Subject(
                        s.kind(),
                        s.colour(),
                        s.pattern(),
                        s.tint(),
                        s.x() + (float) random.nextDouble(-16, 16),
                        s.y() + (float) random.nextDouble(-10, 10),
                        s.radius() * (float) random.nextDouble(0.75, 1.3),
                        s.angle());
        var scene = of.withFirst(other);
        return new Scene(
                scene.seed(),
                scene.size(),
                scene.subjects(),
                scene.relation(),
                scene.background(),
                scene.action(),
                speed,
                scene.manner(),
                scene.camera());
    }

    private static Path video(Path file, Scene scene) {
        if (!Files.exists(file)) {
            // Whoever shares the folder does not see half a video.
            VideoWriter.write(
                    file, new Truth(scene, FRAMES).clip().frames(), VideoSettings.h264(FPS));
        }
        return file;
    }
}
