package dev.reelrank.bench.hostile;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.PromptRequest;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Events of every kind that a client or a worker may send, well-formed and of hostile runs. No id
 * of them is that of a healthy sample.
 */
final class HostileEvents {
    private static final List<String> ODD_IDS =
            List.of(
                    "",
                    ".",
                    "..",
                    "../../etc",
                    "a/b",
                    "a\u0000b",
                    "ID WITH SPACES",
                    "%s%n",
                    "\u202egnp.exe",
                    "𝕏".repeat(40),
                    "x".repeat(129),
                    "y".repeat(30_000),
                    "CON",
                    "-rf",
                    "${jndi:ldap://127.0.0.1/a}",
                    "a\nb");
    private static final List<String> URIS =
            List.of(
                    "file:///dev/zero",
                    "file:///dev/stdin",
                    "file:///proc/self/environ",
                    "file:///etc/passwd",
                    "file:///",
                    "file://nas01/a.png",
                    "file:relative",
                    "file:///%00",
                    "http://127.0.0.1:9/a.png",
                    "https://169.254.169.254/latest/meta-data",
                    "s3://bucket/key",
                    "store:blobs/../../store.properties",
                    "store:results/x",
                    "store:blobs/",
                    "jar:file:///a.jar!/b",
                    "data:image/png;base64,AAAA",
                    "\\\\server\\share\\a.png",
                    "",
                    "not a uri at all");

    private final BlobRef image;

    /**
     * @param image in the store, readable
     */
    HostileEvents(BlobRef image) {
        this.image = image;
    }

    /** The image of a healthy sample. */
    BlobRef image() {
        return image;
    }

    String run(Random random) {
        return "hostile-" + random.nextInt(40);
    }

    String sample(Random random) {
        return "s" + random.nextInt(200);
    }

    /** One of each kind in turn. */
    Event any(Random random) {
        String run = run(random);
        String sample = sample(random);
        Instant now = Instant.now();
        return switch (random.nextInt(13)) {
            case 0 -> new RunOpened(run, RunConfiguration.defaults(), null, now);
            case 1 -> new RunClosed(run, "of " + random.nextInt(), random.nextInt(7) - 2, now);
            case 2 -> new RetryRequested(run, sample, "hostile", now);
            case 3 -> selection(run, sample, "a fox", random);
            case 4 -> new TuneRequested("hostile", now);
            case 5 -> new TuneReset(random.nextLong(), "hostile", now);
            case 6 -> work(run, sample);
            case 7 -> report(run, sample, random);
            case 8 -> new RunDeleted(run, "hostile", now);
            case 9 -> new CancelRequested(run, sample, "hostile", now);
            default -> submission(run, sample, "a prompt", image);
        };
    }

    SampleSubmitted submission(String run, String sample, String prompt, BlobRef picture) {
        return new SampleSubmitted(
                run,
                "hostile",
                sample,
                prompt,
                picture,
                null,
                null,
                RunConfiguration.defaults(),
                List.of(),
                Instant.now());
    }

    /** With ids that are paths, format strings, too long, or nothing. */
    SampleSubmitted oddIds(Random random) {
        String run = random.nextBoolean() ? run(random) : odd(random);
        return submission(run, odd(random), "a prompt", image);
    }

    private static String odd(Random random) {
        return ODD_IDS.get(random.nextInt(ODD_IDS.size()));
    }

    /** An image that is nowhere, or never ends, or is none of the sender's business. */
    SampleSubmitted oddUri(Random random) {
        String uri = URIS.get(random.nextInt(URIS.size()));
        long size =
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> Long.MAX_VALUE;
                    case 2 -> image.size();
                    default -> random.nextInt(1000);
                };
        String sha = random.nextBoolean() ? image.sha256() : Sha256.of(uri);
        var picture = new BlobRef(uri, sha, size, "image/png");
        return submission(run(random), sample(random), "a prompt", picture);
    }

    SelectionMade selection(String run, String sample, String prompt, Random random) {
        String id = Long.toHexString(random.nextLong());
        return new SelectionMade(
                id,
                run,
                sample,
                1,
                2,
                new PreferencePair(id, prompt, "animal", image, image, image),
                "hostile",
                Instant.now());
    }

    private WorkItem work(String run, String sample) {
        return new WorkItem(
                ref(run, sample, StageName.PROMPT),
                1,
                Instant.now(),
                new PromptRequest("a prompt", image, PromptConfig.defaults()));
    }

    /** Of a worker that lies: about its own work, or that an input is lost. */
    WorkReport report(String run, String sample, Random random) {
        WorkReport.Body body =
                switch (random.nextInt(4)) {
                    case 0 -> new WorkReport.Started();
                    case 1 -> new WorkReport.Returned("because");
                    default ->
                            new WorkReport.Failed(
                                    List.of(FailureCode.values())
                                            .get(random.nextInt(FailureCode.values().length)),
                                    "a lie",
                                    null,
                                    lost(run, sample, random),
                                    random.nextBoolean());
                };
        List<StageName> stages =
                List.of(
                        StageName.PROMPT,
                        StageName.CANDIDATE,
                        StageName.RANKING,
                        StageName.GRADE,
                        StageName.TUNE);
        StageName stage = stages.get(random.nextInt(stages.size()));
        return new WorkReport(
                ref(run, sample, stage),
                new Producer("liar", "1@" + random.nextInt(9), "nowhere", "cpu", "cpu"),
                Instant.now(),
                body);
    }

    private static @Nullable String lost(String run, String sample, Random random) {
        return random.nextBoolean() ? Ids.workId(run, sample, StageName.PROMPT, null) : null;
    }

    private static WorkRef ref(String run, String sample, StageName stage) {
        Long seed = stage.equals(StageName.CANDIDATE) ? 1L : null;
        return new WorkRef(Ids.workId(run, sample, stage, seed), run, sample, stage, seed, 0);
    }
}
