package dev.reelrank.bench.gate;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.Action;
import dev.reelrank.testbed.Backdrop;
import dev.reelrank.testbed.BackdropColour;
import dev.reelrank.testbed.Camera;
import dev.reelrank.testbed.Colour;
import dev.reelrank.testbed.Kind;
import dev.reelrank.testbed.Manner;
import dev.reelrank.testbed.Pattern;
import dev.reelrank.testbed.Placement;
import dev.reelrank.testbed.Renderer;
import dev.reelrank.testbed.Rgb;
import dev.reelrank.testbed.Scene;
import dev.reelrank.testbed.Speed;
import dev.reelrank.testbed.Subject;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Clips of hand-written prompts that say what no scene of the testbed says: negation, rest, two
 * that act, unusual words and word orders, corrections. Each prompt has a clip that keeps it and
 * some that do not.
 */
final class PromptClips {
    static final String WRONG = "wrong";

    private static final int FRAMES = 17;
    private static final int SIZE = 128;
    private static final float ONE = 27;
    private static final float OF_TWO = 20;

    /** Ways, turns and growth over the clip, as those of the testbed's scenes. */
    private static final float WAY = 40;

    private static final float TURN = 1.2f;
    private static final float GROWTH = .5f;

    private PromptClips() {}

    /** All of them, in the order of the file. */
    @SuppressWarnings("unchecked")
    static List<GateClip> all() throws IOException {
        List<Map<String, Object>> entries;
        try (InputStream in =
                Objects.requireNonNull(PromptClips.class.getResourceAsStream("prompts.yaml"))) {
            entries =
                    (List<Map<String, Object>>)
                            new Load(LoadSettings.builder().build()).loadFromInputStream(in);
        }
        var clips = new ArrayList<GateClip>();
        for (int i = 0; i < entries.size(); i++) {
            var entry = entries.get(i);
            String prompt = (String) Objects.requireNonNull(entry.get("prompt"));
            var ground =
                    BackdropColour.valueOf(
                            ((String) Objects.requireNonNull(entry.get("background")))
                                    .toUpperCase(Locale.ROOT));
            var right = (List<String>) Objects.requireNonNull(entry.get("right"));
            var wrong = (List<List<String>>) Objects.requireNonNull(entry.get("wrong"));
            int seed = 9_000_000 + i;
            RgbImage reference = frame(right, ground, seed, 0);
            clips.add(
                    new GateClip(
                            "prompt-%02d-right".formatted(i),
                            GateClip.CLEAN,
                            prompt,
                            reference,
                            () -> frames(right, ground, seed)));
            for (int w = 0; w < wrong.size(); w++) {
                var things = wrong.get(w);
                clips.add(
                        new GateClip(
                                "prompt-%02d-wrong-%d".formatted(i, w),
                                WRONG,
                                prompt,
                                reference,
                                () -> frames(things, ground, seed)));
            }
        }
        return clips;
    }

    private static List<RgbImage> frames(List<String> things, BackdropColour ground, int seed) {
        var frames = new ArrayList<RgbImage>();
        for (int f = 0; f < FRAMES; f++) {
            frames.add(frame(things, ground, seed, (float) f / (FRAMES - 1)));
        }
        return frames;
    }

    /** One moment: a scene whose subjects stand where they are then. */
    private static RgbImage frame(
            List<String> things, BackdropColour ground, int seed, float time) {
        var subjects =
                things.stream()
                        .map(t -> subject(t, time, things.size() > 1 ? OF_TWO : ONE))
                        .toList();
        return Renderer.still(
                new Scene(
                        seed,
                        SIZE,
                        subjects,
                        subjects.size() > 1 ? Placement.LEFT_OF : null,
                        new Backdrop(ground, new Rgb(0, 0, 0), .05f, -.05f),
                        Action.LEFT,
                        Speed.SLOW,
                        Manner.SLIDE,
                        Camera.STILL));
    }

    private static Subject subject(String text, float time, float size) {
        String[] words = text.split(" ", -1);
        float x = Float.parseFloat(words[3]) * SIZE;
        float y = Float.parseFloat(words[4]) * SIZE;
        float radius = size;
        float angle = .1f;
        for (String does : words[5].split("\\+", -1)) {
            switch (does) {
                case "still" -> {}
                case "left" -> x -= WAY * time;
                case "right" -> x += WAY * time;
                case "up" -> y -= WAY * time;
                case "down" -> y += WAY * time;
                case "leave" -> y += SIZE * time;
                case "cw" -> angle += TURN * time;
                case "ccw" -> angle -= TURN * time;
                case "grow" -> radius *= 1 + GROWTH * time;
                case "shrink" -> radius *= 1 - GROWTH * .7f * time;
                case "bounce" -> y -= 30 * (float) Math.abs(StrictMath.sin(Math.PI * 2 * time));
                default -> throw new IllegalArgumentException("nothing does '" + does + "'");
            }
        }
        return new Subject(
                Kind.valueOf(words[2].toUpperCase(Locale.ROOT)),
                Colour.valueOf(words[0].toUpperCase(Locale.ROOT)),
                Pattern.valueOf(words[1].toUpperCase(Locale.ROOT)),
                new Rgb(0, 0, 0),
                x,
                y,
                radius,
                angle);
    }
}
