package dev.reelrank.console.page;

import static j2html.TagCreator.dd;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.kbd;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import java.util.List;

/** The keys. None acts while one types. */
public final class KeysPage {
    private static final List<Key> EVERYWHERE = List.of(new Key("?", "this page"));
    private static final List<Key> PLAYER =
            List.of(
                    new Key("Space or K", "play or pause"),
                    new Key(", and .", "one frame back and forward"),
                    new Key("← and →", "one second back and forward; with Shift five frames"),
                    new Key("Home and End", "first and last frame"),
                    new Key("J and L", "slower and faster"),
                    new Key("S", "side by side"),
                    new Key("W", "wipe between two videos"),
                    new Key("D", "difference of two videos"),
                    new Key("H", "heat map of the ranking"),
                    new Key("X", "swap the two videos"));
    private static final List<Key> ARENA =
            List.of(
                    new Key("1", "left is better"),
                    new Key("2", "right is better"),
                    new Key("3", "equally good"),
                    new Key("4", "both bad"),
                    new Key("0", "skip"),
                    new Key("Space", "play from the beginning"),
                    new Key("Backspace", "take the last vote back"));

    private final Layout layout;

    private record Key(String key, String does) {}

    public KeysPage(Layout layout) {
        this.layout = layout;
    }

    public String html() {
        return layout.page(
                "Keys",
                "/keys",
                false,
                h1("Keys"),
                p(
                        "The keys of the player and of the arena act while they have the focus: click them, or reach"
                                + " them with Tab."),
                h2("Everywhere"),
                keys(EVERYWHERE),
                h2("Player"),
                keys(PLAYER),
                h2("Arena"),
                keys(ARENA));
    }

    private static DomContent keys(List<Key> keys) {
        return dl(each(keys, k -> each(List.of(dt(kbd(k.key())), dd(k.does())), x -> x)))
                .withClass("keys");
    }
}
