package dev.reelrank.console.page;

import static j2html.TagCreator.div;

import j2html.tags.DomContent;

/** What may be wider than the screen: it scrolls by itself, with the keyboard too. */
final class Wide {
    private Wide() {}

    /**
     * @param name of the region, for those who do not see it
     */
    static DomContent of(String name, DomContent... content) {
        return div(content)
                .withClass("scroll")
                .attr("tabindex", "0")
                .attr("role", "region")
                .attr("aria-label", name);
    }
}
