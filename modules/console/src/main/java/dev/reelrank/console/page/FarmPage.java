package dev.reelrank.console.page;

import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.Facts.WorkerRow;
import dev.reelrank.console.facts.Queues;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.worker.lease.HostLeases;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Workers that were heard of, who holds the devices, and work that is not tried again. */
public final class FarmPage {
    private static final int MOST_DEAD = 200;

    private final Layout layout;
    private final Facts facts;
    private final Supplier<Queues.State> queues;
    private final Supplier<List<HostLeases.Lease>> leases;

    /**
     * @param queues says what the queues owe
     * @param leases says who holds the devices of this host
     */
    public FarmPage(
            Layout layout,
            Facts facts,
            Supplier<Queues.State> queues,
            Supplier<List<HostLeases.Lease>> leases) {
        this.layout = layout;
        this.facts = facts;
        this.queues = queues;
        this.leases = leases;
    }

    public String html() {
        List<WorkerRow> workers = facts.workers();
        List<DeadLetter> dead = facts.dead();
        return layout.page(
                "Farm",
                "/farm",
                true,
                h1("Farm"),
                h2("Workers"),
                p(
                        "A worker appears with its first step or result. Metrics and health: each"
                                + " worker's own port."),
                workers.isEmpty() ? p("No worker has been heard of.") : workers(workers),
                h2("Queues"),
                queues(queues.get()),
                h2("Devices"),
                p(
                        "Workers of this machine share its devices: each reserves the memory of its"
                                + " model and, on a processor, the cores of a batch."),
                devices(),
                h2("Dead letters"),
                dead.isEmpty() ? p("There are none.") : dead(dead));
    }

    private static DomContent workers(List<WorkerRow> workers) {
        return Wide.of(
                "Workers",
                table(
                        thead(
                                tr(
                                        th("Worker"),
                                        th("Host"),
                                        th("Device"),
                                        th("Last word"),
                                        th("About"))),
                        tbody(
                                each(
                                        workers,
                                        w ->
                                                tr(
                                                        td(w.worker()),
                                                        td(w.host()),
                                                        td(
                                                                w.device().equals(w.deviceKind())
                                                                        ? w.device()
                                                                        : w.device()
                                                                                + ", "
                                                                                + w.deviceKind()),
                                                        td(Show.time(w.lastWord())),
                                                        td(w.work()))))));
    }

    private static DomContent queues(Queues.State state) {
        var parts = new ArrayList<DomContent>();
        if (state.trouble() != null) {
            parts.add(p("The queues are not known: " + state.trouble()).withClass("bad"));
        }
        if (!state.queues().isEmpty()) {
            parts.add(
                    table(
                            thead(
                                    tr(
                                            th("Stage"),
                                            th("Workers that take from it"),
                                            th("Not settled"),
                                            th("Oldest since"))),
                            tbody(
                                    each(
                                            state.queues(),
                                            q ->
                                                    tr(
                                                            td(q.stage()),
                                                            td(Integer.toString(q.workers())),
                                                            td(Long.toString(q.owed())),
                                                            td(Show.time(q.since())))))));
        }
        return Wide.of("Queues", parts.toArray(DomContent[]::new));
    }

    private DomContent devices() {
        List<HostLeases.Lease> all;
        try {
            all = leases.get();
        } catch (StageException e) {
            return p("It is not known who holds them: " + e.getMessage()).withClass("bad");
        }
        return all.isEmpty()
                ? p("No worker of this machine holds a device.")
                : Wide.of(
                        "Devices",
                        table(
                                thead(
                                        tr(
                                                th("Device"),
                                                th("Reserved"),
                                                th("State"),
                                                th("By"),
                                                th("Last heartbeat"))),
                                tbody(each(all, FarmPage::row))));
    }

    private static DomContent row(HostLeases.Lease lease) {
        boolean memory = lease.resource().equals("memory");
        return tr(
                td(lease.device()),
                td(
                        Show.number(lease.amount(), memory ? 1 : 0)
                                + (memory ? " GiB of memory" : " " + lease.resource())),
                td(lease.state()),
                td(lease.holder()),
                td(Show.time(lease.heardOf())));
    }

    private static DomContent dead(List<DeadLetter> dead) {
        return Wide.of(
                "Dead letters",
                table(
                        thead(
                                tr(
                                        th("When"),
                                        th("Code"),
                                        th("Work"),
                                        th("Message"),
                                        th("Attempts"))),
                        tbody(each(dead.stream().limit(MOST_DEAD).toList(), FarmPage::row))),
                text(
                        dead.size() > MOST_DEAD
                                ? "The latest %d of %d.".formatted(MOST_DEAD, dead.size())
                                : ""));
    }

    private static DomContent row(DeadLetter letter) {
        var work = letter.work();
        return tr(
                td(Show.time(letter.at())),
                td(letter.code().name()),
                td(
                        work == null
                                ? "bytes at " + letter.source()
                                : work.runId()
                                        + " / "
                                        + work.sampleId()
                                        + " / "
                                        + work.stage().id()),
                td(letter.message()),
                td(Integer.toString(letter.attempts())));
    }
}
