package dev.reelrank.console.arena;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.console.arena.Contest.Pair;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.VoteCast.Answer;
import dev.reelrank.pipeline.event.VoteCast.Shown;
import dev.reelrank.pipeline.stage.PreferencePair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
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

    private final Facts facts;
    private final Consumer<dev.reelrank.pipeline.event.Event> publisher;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** Votes of this studio that may not have come back on the topic yet. */
    private final Map<String, VoteCast> cast = new LinkedHashMap<>();

    private final Set<String> settled = new HashSet<>();
    private final Set<String> answered = new HashSet<>();
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
    public synchronized Optional<Ballot> next(Contest contest, String rater) {
        String name = name(rater);
        Optional<Pair> pair = Draw.next(contest.pairs(facts), votes(contest), name, random);
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
                || name.chars().anyMatch(Character::isISOControl)) {
            throw Problem.invalid(
                    "a vote needs a name of 1 to %d characters without line breaks"
                            .formatted(LONGEST_NAME));
        }
        return name;
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
     * @throws Problem 410 for a ballot of an older studio, 409 for one that was answered
     */
    public synchronized VoteCast vote(String ballotId, Answer answer, long millis) {
        Ballot ballot = ballots.get(ballotId);
        if (ballot == null) {
            throw expired();
        }
        if (answer == Answer.WITHDRAWN || millis < 0) {
            throw Problem.invalid(
                    "the answer is LEFT, RIGHT, EQUAL, BOTH_BAD or SKIPPED, the time at least 0");
        }
        if (!answered.add(ballotId)) {
            throw new Problem(409, "voted", "this pair has been answered");
        }
        var vote =
                new VoteCast(
                        UUID.randomUUID().toString(),
                        null,
                        ballot.rater(),
                        ballot.sampleId(),
                        ballot.left(),
                        ballot.right(),
                        answer,
                        millis,
                        now());
        try {
            publisher.accept(vote);
        } catch (StageException e) {
            answered.remove(ballotId);
            throw e;
        }
        cast.put(vote.voteId(), vote);
        return vote;
    }

    /**
     * Takes a vote back.
     *
     * @throws Problem 409 if it is too late, 404 if this studio has not taken the vote
     */
    public synchronized void undo(String voteId) {
        VoteCast vote = cast.get(voteId);
        if (vote == null) {
            throw Problem.notFound("this studio knows no such vote, or it was taken back");
        }
        if (settled.contains(voteId) || vote.at().plus(UNDO).isBefore(clock.instant())) {
            throw new Problem(
                    409,
                    "too_late",
                    "a vote can be taken back for %d seconds; this one counts"
                            .formatted(UNDO.toSeconds()));
        }
        publisher.accept(
                new VoteCast(
                        UUID.randomUUID().toString(),
                        voteId,
                        vote.rater(),
                        vote.sampleId(),
                        vote.left(),
                        vote.right(),
                        Answer.WITHDRAWN,
                        0,
                        now()));
        cast.remove(voteId);
        withdrawn.add(voteId);
    }

    private final Set<String> withdrawn = new HashSet<>();

    /** The votes of a contest that stand, also those that have not come back from the topic yet. */
    public synchronized List<VoteCast> votes(Contest contest) {
        return standing().stream().filter(contest::includes).toList();
    }

    private List<VoteCast> standing() {
        Map<String, VoteCast> all = new LinkedHashMap<>();
        facts.votes().forEach(v -> all.put(v.voteId(), v));
        cast.forEach(all::putIfAbsent);
        withdrawn.forEach(all::remove);
        var votes = new ArrayList<>(all.values());
        votes.sort(Comparator.comparing(VoteCast::at).thenComparing(VoteCast::voteId));
        return votes;
    }

    /** Makes selections of the clear answers that can no longer be taken back. */
    public synchronized void settle() {
        if (!facts.isCaughtUp()) {
            return;
        }
        Instant limit = clock.instant().minus(UNDO);
        for (VoteCast vote : firstOpinions(standing())) {
            if (vote.at().isBefore(limit)
                    && !settled.contains(vote.voteId())
                    && !facts.isSelected(vote.voteId())) {
                selection(vote)
                        .ifPresent(
                                s -> {
                                    publisher.accept(s);
                                    settled.add(vote.voteId());
                                });
            }
        }
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
        Optional<PreferencePair> pair =
                facts.sample(
                        chosen.runId(),
                        vote.sampleId(),
                        sample -> pair(vote.voteId(), sample, chosen, rejected));
        if (pair.isEmpty()) {
            LOG.debug("vote {} waits: its sample is not known yet, or was removed", vote.voteId());
        }
        return pair.map(
                p ->
                        new SelectionMade(
                                vote.voteId(),
                                chosen.runId(),
                                vote.sampleId(),
                                chosen.seed(),
                                rejected.seed(),
                                p,
                                vote.rater(),
                                now()));
    }

    private static PreferencePair pair(String id, SampleView sample, Shown chosen, Shown rejected) {
        var fact = sample.sample().orElseThrow();
        return new PreferencePair(
                id,
                fact.originalPrompt(),
                sample.ranking().map(r -> r.subjectGroup()).orElse("other"),
                fact.image(),
                chosen.video(),
                rejected.video());
    }

    private Instant now() {
        // The wire keeps microseconds.
        return clock.instant().truncatedTo(java.time.temporal.ChronoUnit.MICROS);
    }
}
