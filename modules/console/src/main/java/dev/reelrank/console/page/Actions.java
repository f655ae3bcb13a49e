package dev.reelrank.console.page;

import static j2html.TagCreator.button;
import static j2html.TagCreator.form;

import j2html.tags.DomContent;

/** Buttons that change something. */
final class Actions {
    private Actions() {}

    static DomContent retry(String runId, String sampleId) {
        return form(button("Retry").withType("submit"))
                .withMethod("post")
                .withAction(Show.sample(runId, sampleId) + "/retry");
    }

    static DomContent cancel(String runId, String sampleId) {
        return form(button("Cancel this sample").withType("submit"))
                .withMethod("post")
                .withAction(Show.sample(runId, sampleId) + "/cancel");
    }
}
