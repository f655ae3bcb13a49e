package dev.reelrank.client.run;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.Session;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records that an older build could not read and kept as dead letters. After an upgrade they are
 * sent again to where they stood. Sending one twice changes nothing: flow knows a submission by its
 * id and a report by its work.
 */
public final class Quarantined {
    private final Session session;
    private final EventCodec codec = new EventCodec();

    public Quarantined(Session session) {
        this.session = session;
    }

    /**
     * What became of them.
     *
     * @param sent positions of the records that were sent again
     * @param left by position: why a record was not
     */
    public record Outcome(List<String> sent, Map<String, String> left) {}

    /** Sends again what this build can read. */
    public Outcome sendAgain() {
        var sent = new ArrayList<String>();
        var left = new LinkedHashMap<String, String>();
        letters()
                .forEach(
                        (source, letter) -> {
                            String why = sendAgain(source, letter);
                            if (why == null) {
                                sent.add(source);
                            } else {
                                left.put(source, why);
                            }
                        });
        return new Outcome(sent, left);
    }

    /** By position, the latest. */
    private Map<String, DeadLetter> letters() {
        var topics = new ArrayList<String>();
        for (StageName stage : session.topics().stages().names()) {
            topics.add(session.topics().dead(stage));
        }
        var letters = new LinkedHashMap<String, DeadLetter>();
        try (var reader = session.reader(topics)) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof DeadLetter letter
                                && letter.code() == FailureCode.UNKNOWN_SCHEMA
                                && letter.payload() != null
                                && letter.source() != null) {
                            letters.put(letter.source(), letter);
                        }
                    });
        }
        return letters;
    }

    /** Null if it was sent, otherwise why not. */
    private @Nullable String sendAgain(String source, DeadLetter letter) {
        byte[] payload = letter.payload();
        Event event;
        try {
            event = codec.decode(payload == null ? new byte[0] : payload);
        } catch (StageException e) {
            return String.valueOf(e.getMessage());
        }
        for (StageName stage : session.topics().stages().names()) {
            if (source.startsWith(session.topics().work(stage) + "-")) {
                return "it is work, which flow emits again by itself";
            }
        }
        String topic = session.topics().route(event).topic();
        if (!source.startsWith(topic + "-")) {
            return "it stood on another topic than it belongs on (%s)".formatted(topic);
        }
        session.publisher().publish(event);
        return null;
    }
}
