package dev.reelrank.client.mirror;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.RecordTranslation;
import dev.reelrank.bus.RecordTranslation.Source;
import dev.reelrank.bus.RecordTranslation.Target;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.Topics;
import dev.reelrank.pipeline.StageName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies facts, outcomes and dead letters to topics for other clients, each record once, with its
 * key. It keeps its place in a consumer group; several may run.
 */
public final class FactMirror {
    private final Connection connection;
    private final String prefix;
    private final MirrorForm form;
    private final RecordTranslation translation;

    /**
     * @param prefix of the copies' topics: {@code PREFIXprompts}
     * @param name of this process, unique among the mirrors of a farm
     * @param done is told how many records were copied
     */
    public FactMirror(
            Connection connection, String prefix, String name, MirrorForm form, IntConsumer done) {
        this.connection = connection;
        this.prefix = prefix;
        this.form = form;
        String group = connection.prefix() + "mirror-" + prefix;
        this.translation =
                new RecordTranslation(
                        connection,
                        new RecordTranslation.Setup(
                                group, group + "-" + name, sources(connection.topics())),
                        this::copy,
                        done);
    }

    /** The topics that are copied. */
    public static List<String> sources(Topics topics) {
        var names = new ArrayList<String>();
        names.add(topics.samples());
        names.add(topics.runs());
        for (StageName stage : topics.stages().names()) {
            names.add(topics.facts(stage));
            names.add(topics.dead(stage));
        }
        return List.copyOf(names);
    }

    /** Creates the topics of the copies that are missing, each like its original. */
    public void createTopics() {
        new TopicSetup(connection).createCopies(sources(connection.topics()), this::target);
    }

    /** Copies until the thread is interrupted. */
    public void run() {
        translation.run();
    }

    /** Copies what is there now. */
    public void runToEnd() {
        translation.runToEnd();
    }

    private List<Target> copy(Source record) {
        String topic = target(record.topic());
        byte @Nullable [] value = record.value();
        return List.of(
                new Target(topic, record.key(), value == null ? null : form.of(topic, value)));
    }

    private String target(String source) {
        return connection.prefix() + prefix + source.substring(connection.prefix().length());
    }

    /** Source and copy of every topic, for people. */
    public Map<String, String> names() {
        var names = new TreeMap<String, String>();
        sources(connection.topics()).forEach(name -> names.put(name, target(name)));
        return names;
    }
}
