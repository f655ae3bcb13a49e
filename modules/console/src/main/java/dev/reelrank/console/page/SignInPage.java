package dev.reelrank.console.page;

import static j2html.TagCreator.button;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import org.jspecify.annotations.Nullable;

/** Asks for a token. */
public final class SignInPage {
    private final Layout layout;

    public SignInPage(Layout layout) {
        this.layout = layout;
    }

    /**
     * The page as HTML.
     *
     * @param error what was wrong with the last try, null for the first
     */
    public String html(@Nullable String error) {
        return layout.page(
                "Sign in",
                "",
                false,
                h1("Sign in"),
                iff(error != null, p(String.valueOf(error)).withClass("bad")),
                form(
                                label(
                                        text("Token "),
                                        input().withName("token")
                                                .withType("password")
                                                .attr("required", "")
                                                .attr("autocomplete", "current-password")),
                                button("Sign in").withType("submit"))
                        .withMethod("post")
                        .withAction("/sign-in")
                        .withClass("choose"));
    }
}
