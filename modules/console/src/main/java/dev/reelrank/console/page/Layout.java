package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.div;
import static j2html.TagCreator.document;
import static j2html.TagCreator.each;
import static j2html.TagCreator.footer;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.link;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.p;
import static j2html.TagCreator.script;
import static j2html.TagCreator.span;
import static j2html.TagCreator.title;

import dev.reelrank.console.facts.Facts;
import j2html.tags.DomContent;
import java.util.List;

/** The frame around every page: navigation, the state of the connection, scripts. */
public final class Layout {
    private static final List<Link> LINKS =
            List.of(
                    new Link("/", "Runs"),
                    new Link("/compare", "Compare"),
                    new Link("/arena", "Arena"),
                    new Link("/votes", "Votes"),
                    new Link("/training", "Training"),
                    new Link("/farm", "Farm"),
                    new Link("/keys", "Keys"));

    private final Facts facts;

    private record Link(String address, String text) {}

    public Layout(Facts facts) {
        this.facts = facts;
    }

    /**
     * A whole page.
     *
     * @param name in the title and the heading of the browser's tab
     * @param here the address in the navigation that the page belongs to
     * @param live the page follows the facts: its main part is fetched again when they change
     */
    public String page(String name, String here, boolean live, DomContent... content) {
        return document(
                html(
                                head(
                                        meta().withCharset("utf-8"),
                                        meta().withName("viewport")
                                                .withContent("width=device-width, initial-scale=1"),
                                        meta().withName("color-scheme").withContent("light dark"),
                                        title(name + " · Reelrank"),
                                        link().withRel("icon").withHref("data:,"),
                                        link().withRel("stylesheet").withHref("/assets/studio.css"),
                                        script().withType("module").withSrc("/assets/studio.js")),
                                body(
                                        a("Skip to the content")
                                                .withHref("#main")
                                                .withClass("skip"),
                                        header(
                                                span("Reelrank").withClass("brand"),
                                                nav(each(LINKS, l -> navigation(l, here)))
                                                        .attr("aria-label", "Pages")),
                                        div(state()).withId("state").attr("role", "status"),
                                        main(content)
                                                .withId("main")
                                                .condAttr(live, "data-live", ""),
                                        footer(
                                                p(
                                                        "Everything on these pages comes from the facts of the farm."))))
                        .withLang("en"));
    }

    private static DomContent navigation(Link link, String here) {
        var tag = a(link.text()).withHref(link.address());
        return link.address().equals(here) ? tag.attr("aria-current", "page") : tag;
    }

    private DomContent state() {
        return iff(
                facts.trouble().isPresent(),
                p("The pages show an earlier state and go on by themselves: "
                                + facts.trouble().orElse(""))
                        .withClass("trouble"));
    }
}
