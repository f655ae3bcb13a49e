package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.p;

import dev.reelrank.console.web.Problem;

/** Says what went wrong and where to go on. */
public final class ErrorPage {
    private final Layout layout;

    public ErrorPage(Layout layout) {
        this.layout = layout;
    }

    public String html(Problem problem) {
        return layout.page(
                "Error " + problem.status(),
                "",
                false,
                h1(problem.status() == 404 ? "Not found" : "This did not work"),
                p(Show.sentence(problem.text())),
                p(a("All runs").withHref("/")));
    }
}
