package dev.reelrank.client.retention;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.StoredBytes;
import dev.reelrank.bus.TopicSpec;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.stage.StageSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the records of all topics name: submissions, work on the queues, reports, facts, dead
 * letters, selections, trainings and whatever topic is added. Records of deleted runs name nothing.
 */
final class TopicNames implements Namer {
    private final EventReader reader;
    private final Set<String> ofRuns;
    private final Set<String> work;
    private final Set<String> deleted;
    private final EventCodec codec = new EventCodec();

    TopicNames(Connection connection, Set<String> deleted) {
        Topics topics = connection.topics();
        this.reader = new EventReader(connection, codec, names(connection));
        this.ofRuns = topicsOfRuns(topics);
        this.work = Set.copyOf(keyedByRun(topics).stream().map(topics::work).toList());
        this.deleted = Set.copyOf(deleted);
    }

    /**
     * Every topic of the farm, and what flow remembers beside the samples: of pairs that are not
     * trained on yet, the requests are trimmed after a week.
     */
    private static List<String> names(Connection connection) {
        Topics topics = connection.topics();
        var names = new ArrayList<String>();
        for (TopicSpec spec : topics.all()) {
            // Progress is kept for an hour, and about work that other topics tell of.
            if (!spec.name().equals(topics.progress())) {
                names.add(spec.name());
            }
        }
        try (var admin = connection.admin()) {
            admin.listTopics().names().get(30, TimeUnit.SECONDS).stream()
                    .filter(name -> name.startsWith(topics.flowGroup() + "-"))
                    .filter(name -> name.endsWith("-beside-changelog"))
                    .forEach(names::add);
        } catch (ExecutionException | TimeoutException e) {
            throw new StageException(
                    FailureCode.BROKER_UNAVAILABLE,
                    "the topics of %s cannot be listed: %s".formatted(connection.bootstrap(), e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.BROKER_UNAVAILABLE, "interrupted while topics were listed", e);
        }
        return names;
    }

    /**
     * Topics with run, or run and sample, as their key. The others name what belongs to no run, or
     * to several.
     */
    private static Set<String> topicsOfRuns(Topics topics) {
        var names = new HashSet<String>();
        names.add(topics.submissions());
        names.add(topics.samples());
        names.add(topics.runs());
        names.add(topics.requests());
        for (StageName stage : keyedByRun(topics)) {
            names.add(topics.results(stage));
            names.add(topics.facts(stage));
            names.add(topics.dead(stage));
        }
        return names;
    }

    /** Those of the samples, and those beside them whose work is filed under a run. */
    private static List<StageName> keyedByRun(Topics topics) {
        return topics.stages().all().stream()
                .filter(row -> row.onlyKey() == null)
                .map(StageSpec::name)
                .toList();
    }

    @Override
    public void tell(Names names) {
        reader.bytesToEnd(
                record -> {
                    if (!isOfDeletedRun(record)) {
                        names.addAllIn(record.value());
                    }
                });
    }

    private boolean isOfDeletedRun(StoredBytes record) {
        if (work.contains(record.topic())) {
            return isWorkOfDeletedRun(record.value());
        }
        int slash = record.key().indexOf('/');
        String run = slash < 0 ? record.key() : record.key().substring(0, slash);
        return ofRuns.contains(record.topic()) && deleted.contains(run);
    }

    /** Settled work stays on its queue until flow trims it, and its key does not name the run. */
    private boolean isWorkOfDeletedRun(byte[] bytes) {
        try {
            return codec.decode(bytes) instanceof WorkItem item
                    && deleted.contains(item.work().runId());
        } catch (StageException e) {
            return false;
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
