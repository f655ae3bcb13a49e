package dev.reelrank.ranking;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubjectPhraseTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A hand slowly turns a gold ring on a finger.|gold ring|JEWELRY",
                "A woman strokes the small tabby cat on her lap.|small tabby cat|ANIMAL",
                "A person in striped red clothes slides to the left.|person|PERSON",
                "A striped red ring slides slowly to the left on a navy background.|striped red ring|JEWELRY",
                "On a navy background, a dotted blue star rotates quickly clockwise.|dotted blue star|OTHER",
                "A plain green triangle grows quickly larger on a teal background.|plain green triangle|OTHER",
                "A video of a red heart that bounces up and down.|red heart|OTHER",
                "The blue square bounces slowly up and down.|blue square|OTHER",
                "Close-up of two sparkling diamond earrings.|sparkling diamond|JEWELRY",
                "Watch the cat jump.|cat|ANIMAL",
                "They watch a parrot.|parrot|ANIMAL",
                "A chef slices strawberries on a wooden board.|strawberries|FOOD",
                "red circle moves right|red circle|OTHER",
                "There is a plain orange box over a beige surface. The box slides.|plain orange box|OTHER",
                "This is a short and simple clip. A red heart spins.|red heart|OTHER",
                "Please make a short video of this picture. A blue star falls.|blue star|OTHER",
                "A wristwatch on an acrylic stand, its bezel set with stones.|wristwatch|DEVICE"
            })
    void shouldFindTheSubjectOfAPrompt(String prompt, String phrase, SubjectGroup group) {
        assertThat(SubjectPhrase.find(prompt, "", null))
                .hasValue(new SubjectPhrase(phrase, group, SubjectPhrase.Source.WRITTEN_PROMPT));
    }

    @Test
    void shouldLookIntoTheOriginalPromptWhenTheWriterDroppedTheThing() {
        assertThat(SubjectPhrase.find("A hand moves slowly.", "Show my silver ring, please", null))
                .hasValue(
                        new SubjectPhrase(
                                "silver ring",
                                SubjectGroup.JEWELRY,
                                SubjectPhrase.Source.ORIGINAL_PROMPT));
    }

    @Test
    void shouldTakeTheUsersWordWhenTheWriterHasTheSubjectWrong() {
        assertThat(
                        SubjectPhrase.find(
                                "A blue cat swims to the left.", "A blue fish swims left.", null))
                .hasValue(
                        new SubjectPhrase(
                                "blue fish",
                                SubjectGroup.ANIMAL,
                                SubjectPhrase.Source.ORIGINAL_PROMPT));
        assertThat(SubjectPhrase.find("A cat looks up.", "A kite beside a tree", null))
                .hasValueSatisfying(s -> assertThat(s.phrase()).isEqualTo("kite"));
    }

    @Test
    void shouldTakeTheGivenPhraseWhenThereIsOne() {
        assertThat(SubjectPhrase.find("A cat.", "A cat.", "  Silver   Brooch "))
                .hasValue(
                        new SubjectPhrase(
                                "Silver Brooch", SubjectGroup.JEWELRY, SubjectPhrase.Source.GIVEN));
        assertThat(SubjectPhrase.find("A cat.", "", " "))
                .hasValueSatisfying(s -> assertThat(s.phrase()).isEqualTo("cat"));
    }

    @Test
    void shouldReadAWordOfAnyLength() {
        assertThat(SubjectPhrase.find("A cat " + "nah-".repeat(100_000) + "nah.", "", null))
                .hasValueSatisfying(s -> assertThat(s.phrase()).startsWith("cat"));
    }

    @Test
    void shouldFindNothingInPromptsWithoutANoun() {
        assertThat(SubjectPhrase.find("", "", null)).isEmpty();
        assertThat(SubjectPhrase.find("…", "!!!", null)).isEmpty();
    }

    @Test
    void shouldNotTakeTheFilmsCameraOrAColourForTheSubject() {
        var written =
                SubjectPhrase.find(
                        "A plain orange triangle made of painted wood moves upward. The camera is"
                                + " fixed.",
                        "",
                        null);
        assertThat(written.orElseThrow().phrase()).isEqualTo("plain orange triangle");
        assertThat(SubjectPhrase.find("An orange rolls away.", "", null).orElseThrow().phrase())
                .isEqualTo("orange");
        assertThat(
                        SubjectPhrase.find("The camera on the desk turns.", "", null)
                                .orElseThrow()
                                .phrase())
                .isEqualTo("camera");
    }
}
