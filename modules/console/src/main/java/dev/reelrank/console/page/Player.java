package dev.reelrank.console.page;

import static j2html.TagCreator.button;
import static j2html.TagCreator.canvas;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.option;
import static j2html.TagCreator.output;
import static j2html.TagCreator.section;
import static j2html.TagCreator.select;
import static j2html.TagCreator.text;
import static j2html.TagCreator.video;

import dev.reelrank.pipeline.BlobRef;
import j2html.tags.DomContent;
import j2html.tags.specialized.ButtonTag;
import j2html.tags.specialized.SectionTag;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Several videos that play, pause, step and seek together; the script is player.js. */
final class Player {
    private Player() {}

    /**
     * @param caption what stands below the video
     * @param best the video that won
     */
    record Clip(String name, DomContent caption, BlobRef video, boolean best) {}

    static DomContent of(List<Clip> clips, int frames, double fps) {
        return of(clips, frames, fps, null);
    }

    /**
     * The same with what a ranking found in each frame.
     *
     * @param details of the ranking, null without any
     */
    static DomContent of(List<Clip> clips, int frames, double fps, @Nullable BlobRef details) {
        var player = player(clips, frames, fps);
        if (details != null) {
            player.attr("data-details", Show.media(details))
                    .with(
                            div(
                                            press(
                                                            "heat",
                                                            "Heat map",
                                                            "Similarity of each patch to the reference (H)")
                                                    .attr("aria-pressed", "false"),
                                            output("").attr("data-show", "heat"))
                                    .withClass("controls"),
                            div().withClass("identity").attr("data-show", "identity"));
        }
        return player;
    }

    private static SectionTag player(List<Clip> clips, int frames, double fps) {
        return section(
                        div(each(clips, Player::clip)).withClass("stage"),
                        canvas().withClass("difference")
                                .attr("hidden", "")
                                .attr("aria-label", "Difference of two videos, amplified"),
                        div(
                                        press("play", "Play", "Play or pause (space)"),
                                        press("back", "−1", "One frame back (comma)"),
                                        press("forward", "+1", "One frame forward (full stop)"),
                                        label(
                                                text("Frame "),
                                                input().withType("range")
                                                        .attr("min", "0")
                                                        .attr(
                                                                "max",
                                                                Integer.toString(
                                                                        Math.max(0, frames - 1)))
                                                        .attr("value", "0")
                                                        .attr("data-do", "seek")),
                                        output("0 of " + (frames - 1)).attr("data-show", "frame"),
                                        label(
                                                text("Speed "),
                                                select(
                                                                each(
                                                                        List.of(
                                                                                "0.25", "0.5", "1",
                                                                                "2"),
                                                                        s ->
                                                                                option(s + "×")
                                                                                        .withValue(
                                                                                                s)
                                                                                        .withCondSelected(
                                                                                                s
                                                                                                        .equals(
                                                                                                                "1"))))
                                                        .attr("data-do", "speed")),
                                        label(
                                                input().withType("checkbox")
                                                        .attr("checked", "")
                                                        .attr("data-do", "loop"),
                                                text(" Loop")))
                                .withClass("controls"),
                        div(
                                        press(
                                                "side",
                                                "Side by side",
                                                "All videos side by side (S)"),
                                        press("wipe", "Wipe", "Wipe between two videos (W)"),
                                        press(
                                                "difference",
                                                "Difference",
                                                "Difference of two videos (D)"),
                                        choose("first", "Left ", clips, 0),
                                        choose(
                                                "second",
                                                "Right ",
                                                clips,
                                                Math.min(1, clips.size() - 1)),
                                        label(
                                                text("Wipe at "),
                                                input().withType("range")
                                                        .attr("min", "0")
                                                        .attr("max", "100")
                                                        .attr("value", "50")
                                                        .attr("data-do", "wipe-at")))
                                .withClass("controls")
                                .condAttr(clips.size() < 2, "hidden", ""))
                .withClass("player")
                .attr("data-player", "")
                .attr("data-frames", Integer.toString(frames))
                .attr("data-fps", String.format(Locale.ROOT, "%.6f", fps))
                .attr("tabindex", "0")
                .attr("aria-label", "Player. Space plays, comma and full stop step by one frame.");
    }

    private static DomContent choose(String name, String title, List<Clip> clips, int chosen) {
        return label(
                text(title),
                select(
                                each(
                                        clips,
                                        (index, clip) ->
                                                option(clip.name())
                                                        .withValue(Integer.toString(index))
                                                        .withCondSelected(index == chosen)))
                        .attr("data-do", name));
    }

    private static ButtonTag press(String action, String text, String title) {
        return button(text).withType("button").attr("data-do", action).withTitle(title);
    }

    private static DomContent clip(Clip clip) {
        return figure(
                        div(video().withSrc(Show.media(clip.video()))
                                        .attr("muted", "")
                                        .attr("playsinline", "")
                                        .attr("preload", "auto")
                                        .attr("poster", Show.poster(clip.video()))
                                        .attr("aria-label", "Video of " + clip.name()))
                                .withClass("screen"),
                        figcaption(clip.caption()))
                .withClasses("clip", clip.best() ? "best" : "")
                .attr("data-name", clip.name());
    }
}
