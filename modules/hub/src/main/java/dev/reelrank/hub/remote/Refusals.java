package dev.reelrank.hub.remote;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Turns what a hub refuses into an error that says what to do, or into another attempt. */
final class Refusals {
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
    private static final Pattern RESET = Pattern.compile("\\bt=(\\d{1,6})");

    private final URI endpoint;
    private final Optional<HubToken> token;
    private final boolean withheld;

    /**
     * Explains what one endpoint answers.
     *
     * @param token that requests carry
     * @param withheld whether there is one that they do not carry, because the connection is open
     */
    Refusals(URI endpoint, Optional<HubToken> token, boolean withheld) {
        this.endpoint = endpoint;
        this.token = token;
        this.withheld = withheld;
    }

    /**
     * Returns if the answer is none of success: 200, 206 and 416 pass.
     *
     * @param what file or listing, for messages
     * @throws TryAgain if the same request may succeed later
     * @throws StageException MODEL_MISSING if the user has to do something first
     */
    void check(Answer answer, String repository, String revision, String what) throws TryAgain {
        int status = answer.status();
        if (status == 200 || status == 206 || status == 416) {
            return;
        }
        String host = answer.address().getHost();
        if (PASSING.contains(status)) {
            throw new TryAgain(host + " answers " + meaning(status), pause(answer));
        }
        if (!answer.fromHub()) {
            // A signed address has run out: the hub gives another one.
            throw new TryAgain(host + " answers " + status + " for a signed address");
        }
        throw refusal(answer, repository, revision, what);
    }

    private StageException refusal(Answer answer, String repository, String revision, String what) {
        String code = answer.header("X-Error-Code").orElse("");
        String message = answer.header("X-Error-Message").orElse("");
        String page = endpoint + "/" + repository;
        if (message.equals("Access to this resource is disabled.")) {
            return missing(
                    "%s has disabled the repository %s: look at %s for the reason"
                            .formatted(endpoint.getHost(), repository, page));
        }
        if (message.startsWith("Invalid credentials")) {
            return missing(
                    "%s does not accept the %s: make a new one at %s/settings/tokens"
                            .formatted(endpoint.getHost(), from(), endpoint));
        }
        if (code.equals("GatedRepo")) {
            return gated(page, repository, what);
        }
        if (code.equals("RevisionNotFound")) {
            return missing(
                    "%s has no revision '%s': see %s/commits/main for those it has"
                            .formatted(repository, revision, page));
        }
        if (code.equals("EntryNotFound")) {
            return missing(
                    "%s has no %s at revision %s: fetch with --update, or correct the plan"
                            .formatted(repository, what, revision));
        }
        if (code.equals("RepoNotFound") || answer.status() == 401 || answer.status() == 404) {
            return missing(
                    "%s has no repository %s, or it is private. %s (answer %d for %s)"
                            .formatted(
                                    endpoint.getHost(),
                                    repository,
                                    token.isPresent()
                                            ? "The "
                                                    + from()
                                                    + " was sent: check the name, and that this user may read it"
                                            : noToken(
                                                    "No token was sent: check the name, or set HF_TOKEN to the token of a user who may read it"),
                                    answer.status(),
                                    what));
        }
        if (answer.status() == 403) {
            return missing(
                    "%s refuses %s of %s%s. %s"
                            .formatted(
                                    endpoint.getHost(),
                                    what,
                                    repository,
                                    message.isEmpty() ? "" : " (" + message + ")",
                                    token.isPresent()
                                            ? "The "
                                                    + from()
                                                    + " was sent: it may lack the right to read gated repositories; see "
                                                    + endpoint
                                                    + "/settings/tokens"
                                            : noToken(
                                                    "Set HF_TOKEN to an access token of "
                                                            + endpoint
                                                            + "/settings/tokens")));
        }
        return new StageException(
                FailureCode.ENDPOINT_UNAVAILABLE,
                "%s answers %d for %s of %s; is %s a hub? Name another address with --endpoint or HF_ENDPOINT"
                        .formatted(
                                answer.address().getHost(),
                                answer.status(),
                                what,
                                repository,
                                endpoint));
    }

    private StageException gated(String page, String repository, String what) {
        return missing(
                "%s is gated (%s was refused): its publisher asks for consent. Sign in at %s, accept the terms there and wait for access. %s"
                        .formatted(
                                repository,
                                what,
                                page,
                                token.isPresent()
                                        ? "The "
                                                + from()
                                                + " was sent: it must belong to the user who accepted, and be allowed to read gated repositories"
                                        : noToken(
                                                "Then make a token at "
                                                        + endpoint
                                                        + "/settings/tokens and set HF_TOKEN to it")));
    }

    private String noToken(String advice) {
        return withheld
                ? "Your token was not sent, because others can read a plain connection: name an https address with --endpoint or HF_ENDPOINT"
                : advice;
    }

    private String from() {
        return token.map(HubToken::toString).orElse("token");
    }

    private static StageException missing(String message) {
        return new StageException(FailureCode.MODEL_MISSING, message);
    }

    private static String meaning(int status) {
        return status == 429 ? "429, too many requests" : String.valueOf(status);
    }

    /**
     * {@code Retry-After} in seconds or as a date, else the seconds to reset of {@code ratelimit}.
     */
    private static Optional<Duration> pause(Answer answer) {
        var after = answer.header("Retry-After");
        if (after.isPresent()) {
            return retryAfter(after.get().strip());
        }
        return answer.header("ratelimit")
                .map(RESET::matcher)
                .filter(m -> answer.status() == 429 && m.find())
                .map(m -> Duration.ofSeconds(Long.parseLong(m.group(1))));
    }

    private static Optional<Duration> retryAfter(String text) {
        if (text.matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        try {
            var until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            var wait = Duration.between(Instant.now(), until);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
