package dev.reelrank.qwen.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrandsTest {
    private final Brands brands = Brands.bundled();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "The Tiffany gold watch turns slowly. | The gold watch turns slowly.",
                "A hand lifts an iPhone from the table. | A hand lifts a phone from the table.",
                "A hand lifts an NES cartridge. | A hand lifts a cartridge.",
                "The Rolex rotates slowly. | The watch rotates slowly.",
                "A blue Ford drives by. | A blue car drives by.",
                "He opens Levi's jeans. | He opens jeans.",
                "A shiny LEGO® brick falls. | A shiny brick falls.",
                "A man drinks a Coca-Cola. | A man drinks a cola.",
                "An Audi slides past a Nikon camera | A car slides past a camera",
            })
    void shouldTakeTheNameAwayAndKeepTheThing(String text, String expected) {
        assertThat(brands.find(text)).isPresent();
        assertThat(brands.remove(text)).isEqualTo(expected);
        assertThat(brands.find(brands.remove(text))).isEmpty();
    }

    @Test
    void shouldNotMistakeEverydayWordsForBrands() {
        for (var text :
                new String[] {
                    "Apple slices fall into a bowl.",
                    "An apple rolls. Apple pieces follow.",
                    "The converse is true: sharpies, oreos and kindling.",
                    "A puma and a jeep-like cart cross the ford.",
                }) {
            assertThat(brands.find(text)).as(text).isEmpty();
        }
    }
}
