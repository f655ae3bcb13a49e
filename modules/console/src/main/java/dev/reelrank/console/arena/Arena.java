package dev.reelrank.console.arena;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.client.run.Selections;
import dev.reelrank.console.arena.Contest.Pair;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.VoteCast.Answer;
import dev.reelrank.pipeline.event.VoteCast.Shown;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blind votes. A vote is on its topic before it is confirmed. It can be taken back for {@link
 * #UNDO}; after that a clear answer about two candidates of one run becomes a selection too, which
 * the preference model learns from. {@link #settle} does this for the votes of every studio, so a
 * studio that was killed leaves nothing undone.
 */
public final class Arena {
    /** How long a vote can be taken back. */
    public static final Duration UNDO = Duration.ofSeconds(20);

    private static final Logger LOG = LoggerFactory.getLogger(Arena.class);
    private static final int MOST_BALLOTS = 5_000;
    private static final int LONGEST_NAME = 64;
    private static final int NON_JOINER = 0x200C;
    private static final int JOINER = 0x200D;

    private final Facts facts;
    private final Consumer<dev.reelrank.pipeline.event.Event> publisher;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** Votes, withdrawals and selections of this studio that have not come back on a topic yet. */
    private final Map<String, VoteCast> cast = new LinkedHashMap<>();

    private final Set<String> selected = new HashSet<>();

    /** Ballots whose votes are on their way to the topic. */
    private final Set<String> answering = new HashSet<>();

    private final Map<String, Ballot> ballots =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Ballot> eldest) {
                    return size() > MOST_BALLOTS;
                }
            };

    /**
     * @param publisher writes an event and returns when it is on its topic
     */
    public Arena(Facts facts, Consumer<dev.reelrank.pipeline.event.Event> publisher, Clock clock) {
        this.facts = facts;
        this.publisher = publisher;
        this.clock = clock;
    }

    /** An arena whose events go to the bus. */
    public static Arena of(Facts facts, EventPublisher publisher, Clock clock) {
        return new Arena(facts, event -> publisher.publish(event), clock);
    }

    /**
     * Hands out the next pair.
     *
     * @return empty if this person has compared everything that there is
     * @throws Problem 400 for a name that is none, 404 if a run does not exist
     */
    public Optional<Ballot> next(Contest contest, String rater) {
        return next(contest, rater, null);
    }

    /**
     * Hands out the pair after one that is still being watched.
     *
     * @param watched ballot whose pair is another one; null or unknown for none
     */
    public synchronized Optional<Ballot> next(
            Contest contest, String rater, @Nullable String watched) {
        String name = name(rater);
        var votes = new ArrayList<>(votes(contest));
        Ballot open = watched == null || isCast(watched) ? null : ballots.get(watched);
        if (open != null && open.rater().equals(name)) {
            votes.add(answered(open, Answer.SKIPPED, 0));
        }
        Optional<Pair> pair = Draw.next(contest.pairs(facts), votes, name, random);
        return pair.map(p -> ballot(p, name));
    }

    private Ballot ballot(Pair pair, String rater) {
        boolean swapped = random.nextBoolean();
        var ballot =
                new Ballot(
                        token(),
                        rater,
                        pair.sampleId(),
                        pair.prompt(),
                        pair.image(),
                        swapped ? pair.other() : pair.one(),
                        swapped ? pair.one() : pair.other(),
                        token(),
                        token(),
                        token());
        ballots.put(ballot.id(), ballot);
        return ballot;
    }

    private String token() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return java.util.HexFormat.of().formatHex(bytes);
    }

    private static String name(String rater) {
        String name = rater.strip();
        if (name.isEmpty()
                || name.length() > LONGEST_NAME
                || name.codePoints().anyMatch(Arena::isUnseen)) {
            throw Problem.invalid(
                    "rater",
                    "a vote needs a name of 1 to %d characters without line breaks or invisible signs"
                            .formatted(LONGEST_NAME));
        }
        return name;
    }

    /**
     * Signs that make two names look alike, or turn the text around them. Joiners are letters'
     * business in some scripts.
     */
    private static boolean isUnseen(int sign) {
        return switch (Character.getType(sign)) {
            case Character.FORMAT -> sign != JOINER && sign != NON_JOINER;
            case Character.CONTROL,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }

    /**
     * What a token stands for.
     *
     * @throws Problem 410 for a token of an older studio
     */
    public synchronized BlobRef media(String token) {
        for (Ballot b : ballots.values()) {
            if (b.leftToken().equals(token)) {
                return b.left().video();
            } else if (b.rightToken().equals(token)) {
                return b.right().video();
            } else if (b.imageToken().equals(token)) {
                return b.image();
            }
        }
        throw expired();
    }

    private static Problem expired() {
        return new Problem(
                410,
                "ballot_expired",
                "this pair was handed out before the studio started; ask for a new one");
    }

    /**
     * Records an answer.
     *
     * @param millis from when both videos could be watched
     * @return the vote, which is on its topic now
     * @throws Problem 410 for a ballot of an older studio, or if one of its videos is no longer
     *     part of its run; 409 for one that was answered
     */
    public VoteCast vote(String ballotId, Answer answer, long millis) {
        VoteCast vote = begin(ballotId, answer, millis);
        try {
            publish(vote);
        } finally {
            end(ballotId);
        }
        return vote;
    }

    /** Never under the lock: a broker that is away must not keep others from looking. */
    private void publish(VoteCast vote) {
        publisher.accept(vote);
        synchronized (this) {
            cast.put(vote.voteId(), vote);
        }
    }

    private synchronized void end(String ballotId) {
        answering.remove(ballotId);
    }

    private synchronized VoteCast begin(String ballotId, Answer answer, long millis) {
        Ballot ballot = ballots.get(ballotId);
        if (ballot == null) {
            throw expired();
        }
        if (answer == Answer.WITHDRAWN || millis < 0) {
            throw Problem.invalid(
                    "the answer is LEFT, RIGHT, EQUAL, BOTH_BAD or SKIPPED, the time at least 0");
        }
        requireThere(ballot.sampleId(), ballot.left());
        requireThere(ballot.sampleId(), ballot.right());
        if (isCast(ballotId) || !answering.add(ballotId)) {
            throw new Problem(409, "voted", "this pair has been answered");
        }
        return answered(ballot, answer, millis);
    }

    private VoteCast answered(Ballot ballot, Answer answer, long millis) {
        return new VoteCast(
                // So the topic itself says which ballots have been answered.
                ballot.id(),
                null,
                ballot.rater(),
                ballot.sampleId(),
                ballot.left(),
                ballot.right(),
                answer,
                millis,
                now());
    }

    /** A run may be deleted, or a candidate made again, while somebody looks at a pair. */
    private void requireThere(String sampleId, Shown shown) {
        boolean there =
                facts.sample(
                                shown.runId(),
                                sampleId,
                                s ->
                                        s.candidates().stream()
                                                .anyMatch(c -> c.video().equals(shown.video())))
                        .orElse(false);
        if (!there) {
            throw new Problem(
                    410,
                    "retired",
                    "this pair is no longer part of its run, so your answer was not recorded; ask for another pair");
        }
    }

    private boolean isCast(String voteId) {
        return cast.containsKey(voteId) || facts.isCast(voteId);
    }

    /**
     * Takes a vote back.
     *
     * @throws Problem 409 if it is too late, 404 if there is no such vote
     */
    public void undo(String voteId) {
        publish(withdrawal(voteId));
    }

    private synchronized VoteCast withdrawal(String voteId) {
        VoteCast vote =
                standing().stream()
                        .filter(v -> v.voteId().equals(voteId))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        Problem.notFound(
                                                "there is no such vote, or it was taken back"));
        if (isSelected(voteId) || vote.at().plus(UNDO).isBefore(clock.instant())) {
            throw new Problem(
                    409,
                    "too_late",
                    "a vote can be taken back for %d seconds; this one counts"
                            .formatted(UNDO.toSeconds()));
        }
        return new VoteCast(
                UUID.randomUUID().toString(),
                voteId,
                vote.rater(),
                vote.sampleId(),
                vote.left(),
                vote.right(),
                Answer.WITHDRAWN,
                0,
                now());
    }

    private boolean isSelected(String voteId) {
        return selected.contains(voteId) || facts.isSelected(voteId);
    }

    /** The votes of a contest that stand, also those that have not come back from the topic yet. */
    public synchronized List<VoteCast> votes(Contest contest) {
        return standing().stream().filter(contest::includes).toList();
    }

    private List<VoteCast> standing() {
        forgetWhatCameBack();
        return facts.votes(cast.values());
    }

    /** What stands on the topics need not be kept here too. */
    private void forgetWhatCameBack() {
        cast.keySet().removeIf(facts::isCast);
        selected.removeIf(facts::isSelected);
    }

    /** Makes selections of the clear answers that can no longer be taken back. */
    public void settle() {
        for (SelectionMade made : due()) {
            publisher.accept(made);
            synchronized (this) {
                selected.add(made.pair().selectionId());
            }
        }
    }

    private synchronized List<SelectionMade> due() {
        if (!facts.isCaughtUp()) {
            return List.of();
        }
        Instant limit = clock.instant().minus(UNDO);
        return firstOpinions(standing()).stream()
                .filter(v -> v.at().isBefore(limit) && !isSelected(v.voteId()))
                .flatMap(v -> selection(v).stream())
                .toList();
    }

    /** A repeated pair measures a person and teaches nothing new. */
    private static Collection<VoteCast> firstOpinions(List<VoteCast> votes) {
        Map<String, VoteCast> first = new LinkedHashMap<>();
        for (VoteCast vote : votes) {
            boolean clear = vote.answer() == Answer.LEFT || vote.answer() == Answer.RIGHT;
            if (clear && vote.left().runId().equals(vote.right().runId())) {
                first.putIfAbsent(vote.rater() + " " + Pair.key(vote), vote);
            }
        }
        return first.values();
    }

    private Optional<SelectionMade> selection(VoteCast vote) {
        boolean left = vote.answer() == Answer.LEFT;
        Shown chosen = left ? vote.left() : vote.right();
        Shown rejected = left ? vote.right() : vote.left();
        Optional<SelectionMade> made =
                facts.sample(
                        chosen.runId(),
                        vote.sampleId(),
                        sample ->
                                Selections.of(
                                        vote.voteId(),
                                        vote.voteId(),
                                        sample,
                                        seen(chosen),
                                        seen(rejected),
                                        vote.rater(),
                                        now()));
        if (made.isEmpty()) {
            LOG.debug("vote {} waits: its sample is not known yet, or was removed", vote.voteId());
        }
        return made;
    }

    private static Selections.Seen seen(Shown shown) {
        return new Selections.Seen(shown.seed(), shown.video());
    }

    private Instant now() {
        // The wire keeps microseconds.
        return clock.instant().truncatedTo(java.time.temporal.ChronoUnit.MICROS);
    }
}
