package dev.reelrank.console.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.console.Example;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.VoteCast.Answer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ArenaTest {
    private static final Contest CONTEST = new Contest("run", null);

    private final Facts facts = new Facts();
    private final List<Event> written = new ArrayList<>();
    private final Time time = new Time();
    private final Arena arena = new Arena(facts, written::add, time);

    /** A clock that stands until it is moved. */
    private static final class Time extends Clock {
        private Instant now = Example.START.plusSeconds(7_200);

        void pass(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @BeforeEach
    void readFacts() {
        facts.apply(Example.run("run", List.of("ring", "cat")));
        facts.caughtUp();
    }

    @Test
    void shouldHandOutEveryPairOnceAndThenSayThatThereIsNoMore() {
        int pairs = 2 * Example.SEEDS.size() * (Example.SEEDS.size() - 1) / 2;
        var seen = new HashSet<String>();
        for (int i = 0; i < pairs; i++) {
            Ballot ballot = arena.next(CONTEST, "Ada").orElseThrow();
            VoteCast vote = arena.vote(ballot.id(), Answer.EQUAL, 900);
            seen.add(Contest.Pair.key(vote));
        }
        assertThat(seen).hasSize(pairs);
        assertThat(arena.next(CONTEST, "Ada")).isEmpty();
        assertThat(arena.next(CONTEST, "Grace")).isPresent();
    }

    @Test
    void shouldHandOutAnotherPairWhileOneIsStillWatched() {
        for (int i = 0; i < 50; i++) {
            Ballot watched = arena.next(CONTEST, "rater" + i).orElseThrow();
            Ballot next = arena.next(CONTEST, "rater" + i, watched.id()).orElseThrow();
            assertThat(next.sampleId()).isNotEqualTo(watched.sampleId());
        }
        // What is watched was not answered, and nobody else's ballot counts.
        assertThat(arena.votes(CONTEST)).isEmpty();
        Ballot others = arena.next(CONTEST, "Ada").orElseThrow();
        assertThat(arena.next(CONTEST, "Grace", others.id())).isPresent();
        assertThat(arena.next(CONTEST, "Grace", "no ballot")).isPresent();
    }

    @Test
    void shouldNotLetThePageTellWhichVideoIsWhich() {
        Ballot ballot = arena.next(CONTEST, "Ada").orElseThrow();
        assertThat(List.of(ballot.leftToken(), ballot.rightToken(), ballot.imageToken()))
                .doesNotHaveDuplicates()
                .noneMatch(t -> t.equals(ballot.left().video().sha256()));
        assertThat(arena.media(ballot.leftToken())).isEqualTo(ballot.left().video());
        assertThatThrownBy(() -> arena.media("guess")).isInstanceOf(Problem.class);
    }

    @Test
    void shouldShowBothSidesAboutEquallyOften() {
        int firstOnTheLeft = 0;
        int drawn = 400;
        for (int i = 0; i < drawn; i++) {
            Ballot ballot = arena.next(CONTEST, "rater" + i).orElseThrow();
            firstOnTheLeft += ballot.left().seed() < ballot.right().seed() ? 1 : 0;
        }
        assertThat(firstOnTheLeft).isBetween(140, 260);
    }

    @Test
    void shouldMakeASelectionOfAClearAnswerOnceItCannotBeTakenBack() {
        Ballot ballot = arena.next(CONTEST, "Ada").orElseThrow();
        VoteCast vote = arena.vote(ballot.id(), Answer.RIGHT, 900);
        arena.settle();
        assertThat(written).containsExactly(vote);

        time.pass(Arena.UNDO.plusSeconds(1));
        arena.settle();
        arena.settle();
        assertThat(written).hasSize(2);
        var selection = (SelectionMade) written.get(1);
        assertThat(selection.chosenSeed()).isEqualTo(ballot.right().seed());
        assertThat(selection.rejectedSeed()).isEqualTo(ballot.left().seed());
        assertThat(selection.pair().chosen()).isEqualTo(ballot.right().video());
        assertThat(selection.by()).isEqualTo("Ada");
        assertThatThrownBy(() -> arena.undo(vote.voteId())).hasMessageContaining("counts");
    }

    @Test
    void shouldTakeAVoteBackWithoutDeletingIt() {
        Ballot ballot = arena.next(CONTEST, "Ada").orElseThrow();
        VoteCast vote = arena.vote(ballot.id(), Answer.LEFT, 900);
        arena.undo(vote.voteId());
        assertThat(((VoteCast) written.get(1)).supersedes()).isEqualTo(vote.voteId());
        assertThat(arena.votes(CONTEST)).isEmpty();
        time.pass(Arena.UNDO.plusSeconds(1));
        arena.settle();
        assertThat(written).hasSize(2);

        facts.apply(written);
        assertThat(facts.votes()).isEmpty();
    }

    @Test
    void shouldMakeTheSelectionsThatAKilledStudioLeftUndone() {
        Ballot ballot = arena.next(CONTEST, "Ada").orElseThrow();
        arena.vote(ballot.id(), Answer.LEFT, 900);
        time.pass(Arena.UNDO.plusSeconds(1));
        facts.apply(written);

        var later = new ArrayList<Event>();
        new Arena(facts, later::add, time).settle();
        assertThat(later).hasSize(1).first().isInstanceOf(SelectionMade.class);

        facts.apply(later);
        new Arena(facts, later::add, time).settle();
        assertThat(later).hasSize(1);
    }

    @Test
    void shouldTeachNothingFromTiesAndFromWinnersOfTwoRuns() {
        facts.apply(
                Example.run(
                        "other",
                        List.of("ring"),
                        Example.blob("image", "image/png"),
                        (sample, seed) -> Example.video("other" + sample, seed)));
        var runs = new Contest("run", "other");
        Ballot ballot = arena.next(runs, "Ada").orElseThrow();
        arena.vote(ballot.id(), Answer.LEFT, 900);
        Ballot tie = arena.next(CONTEST, "Ada").orElseThrow();
        arena.vote(tie.id(), Answer.BOTH_BAD, 900);
        time.pass(Arena.UNDO.plusSeconds(1));
        arena.settle();
        assertThat(written).hasSize(2).allMatch(VoteCast.class::isInstance);
        assertThat(arena.votes(runs)).hasSize(1);
    }

    @Test
    void shouldTakeAnAnswerOnce() {
        Ballot ballot = arena.next(CONTEST, "Ada").orElseThrow();
        arena.vote(ballot.id(), Answer.LEFT, 900);
        assertThatThrownBy(() -> arena.vote(ballot.id(), Answer.RIGHT, 900))
                .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.status()).isEqualTo(409));
        assertThatThrownBy(() -> arena.vote("unknown", Answer.RIGHT, 900))
                .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.status()).isEqualTo(410));
    }

    @Test
    void shouldNotRecordAnAnswerAboutASampleThatWasRemovedMeanwhile() {
        Ballot ballot = arena.next(CONTEST, "Ada").orElseThrow();
        facts.apply(List.of(Example.run("run", RunUpdated.Status.DELETED, 2, 2, 0)));
        assertThatThrownBy(() -> arena.vote(ballot.id(), Answer.LEFT, 900))
                .isInstanceOfSatisfying(
                        Problem.class, p -> assertThat(p.code()).isEqualTo("retired"))
                .hasMessageContaining("ask for another pair");
        assertThat(written).isEmpty();
    }

    @Test
    void shouldCountTheVotesOfTwoPeopleAtOnceEachOnce() throws Exception {
        var kept = Collections.synchronizedList(new ArrayList<Event>());
        var busy = new Arena(facts, kept::add, time);
        int pairs = 2 * Example.SEEDS.size() * (Example.SEEDS.size() - 1) / 2;
        var people = Executors.newFixedThreadPool(4);
        try {
            var work = new ArrayList<Callable<Object>>();
            for (String name : List.of("Ada", "Grace", "Edsger", "Barbara")) {
                work.add(
                        () -> {
                            for (int i = 0; i < pairs; i++) {
                                Ballot b = busy.next(CONTEST, name).orElseThrow();
                                busy.vote(b.id(), Answer.EQUAL, 5);
                            }
                            return name;
                        });
            }
            for (var done : people.invokeAll(work)) {
                done.get();
            }
        } finally {
            people.shutdown();
        }
        assertThat(kept).hasSize(4 * pairs);
        assertThat(busy.votes(CONTEST)).hasSize(4 * pairs);
        facts.apply(kept);
        assertThat(busy.votes(CONTEST)).as("when they have come back").hasSize(4 * pairs);
    }

    @Test
    void shouldLetOthersLookWhileTheBrokerIsAway() throws Exception {
        var away = new CountDownLatch(1);
        var waiting = new CountDownLatch(1);
        var slow =
                new Arena(
                        facts,
                        event -> {
                            waiting.countDown();
                            try {
                                away.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        time);
        Ballot ballot = slow.next(CONTEST, "Ada").orElseThrow();
        var voter = new Thread(() -> slow.vote(ballot.id(), Answer.LEFT, 5));
        voter.start();
        waiting.await();
        assertThat(slow.media(ballot.leftToken())).isEqualTo(ballot.left().video());
        assertThat(slow.next(CONTEST, "Grace")).isPresent();
        assertThatThrownBy(() -> slow.vote(ballot.id(), Answer.RIGHT, 5))
                .hasMessageContaining("answered");
        away.countDown();
        voter.join();
        assertThat(slow.votes(CONTEST)).hasSize(1);
    }

    @Test
    void shouldAskForAName() {
        for (String name : List.of("", "  ", "a\nb", "x".repeat(65))) {
            assertThatThrownBy(() -> arena.next(CONTEST, name)).hasMessageContaining("name");
        }
    }
}
