package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "plain.png, 0", "lossless.webp, 0", "rgb16.png, 0", "exif1.jpg, 12", "exif2.jpg, 12",
        "exif3.jpg, 12", "exif4.jpg, 12", "exif5.jpg, 12", "exif6.jpg, 12", "exif7.jpg, 12",
        "exif8.jpg, 12", "cmyk.jpg, 12"
    })
    void shouldReadTheSameUprightPictureFromEveryLayout(String name, int tolerance)
            throws IOException {
        var image = Images.read(resource(name), name);

        assertThat(image.width()).isEqualTo(32);
        assertThat(image.height()).isEqualTo(24);
        // Away from the block's edge, where JPEG rings.
        for (int y = 10; y < 24; y++) {
            for (int x = 12; x < 32; x++) {
                assertThat(image.at(x, y, 0))
                        .isBetween(255 - x * 8 - tolerance, 255 - x * 8 + tolerance);
                assertThat(image.at(x, y, 1))
                        .isBetween(255 - y * 10 - tolerance, 255 - y * 10 + tolerance);
                assertThat(image.at(x, y, 2)).isBetween(40 - tolerance, 40 + tolerance);
            }
        }
        assertThat(image.at(2, 2, 2)).isGreaterThan(240);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rgba.png", "rgba16.png"})
    void shouldLayTransparencyOverWhite(String name) throws IOException {
        var image = Images.read(resource(name), name);

        assertThat(image.at(12, 12, 0)).isEqualTo(255 - 12 * 8);
        assertThat(image.at(20, 12, 0)).isEqualTo(255);
        assertThat(image.at(20, 12, 2)).isEqualTo(255);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lossy.webp", "lossy_low.webp", "lossy_alpha.webp", "lossless_alpha.webp",
                "animated.webp", "turned.webp", "deep_rgb.png", "deep_rgba.png",
                "deep_grey_alpha.png"
            })
    void shouldGiveTheBytesThatPillowGives(String name) throws IOException {
        var image = Images.read(resource(name), name);

        assertThat(image.rgb()).isEqualTo(resource(name + ".rgb"));
    }

    static Stream<Arguments> hard() throws IOException {
        try (var in = stream("hard/pillow.json")) {
            var matcher =
                    Pattern.compile("\"(\\S+)\": \"(\\p{XDigit}{64})\"")
                            .matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return matcher
                    .results()
                    .map(found -> Arguments.of(found.group(1), found.group(2)))
                    .toList()
                    .stream();
        }
    }

    /** JPEG in every subsampling, and what decoders disagree about (make_hard.py). */
    @ParameterizedTest
    @MethodSource("hard")
    void shouldReadHardPicturesAsPillowDoes(String name, String hash) throws IOException {
        var image = Images.read(resource("hard/" + name), name);

        assertThat(Sha256.of(image.rgb())).isEqualTo(hash);
    }

    @Test
    void shouldSayThatAPictureIsTransparent() throws IOException {
        assertThat(Pixels.isTransparent(ImageIO.read(stream("rgba.png")))).isTrue();
        assertThat(Pixels.isTransparent(ImageIO.read(stream("rgba16.png")))).isTrue();
        assertThat(Pixels.isTransparent(ImageIO.read(stream("plain.png")))).isFalse();
        assertThat(Pixels.isTransparent(ImageIO.read(stream("palette.png")))).isFalse();
    }

    @Test
    void shouldSayThatAFileIsAGitLfsPointer() {
        var pointer =
                "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 7\n"
                        .formatted("0".repeat(64));

        assertThatThrownBy(() -> Images.read(pointer.getBytes(StandardCharsets.UTF_8), "cat.png"))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_IMAGE))
                .hasMessageContaining("cat.png")
                .hasMessageContaining("git lfs pull");
    }

    @Test
    void shouldRefuseAPictureTooLargeToDecode() throws IOException {
        var bytes = resource("animated.webp");
        // The canvas of an extended WebP: 24 bits each for width and height, less one.
        Arrays.fill(bytes, 24, 30, (byte) 0xff);

        assertThatThrownBy(() -> Images.read(bytes, "huge.webp"))
                .hasMessageContaining("16777216x16777216");
    }

    @Test
    void shouldTakeGreySamplesAsTheyAreWhenTheDepthDiffers() throws IOException {
        var wide = Images.read(resource("grey16.png"), "grey16.png");
        assertThat(wide.at(20, 12, 0)).isEqualTo(255 - 20 * 8);
        assertThat(wide.at(20, 12, 2)).isEqualTo(255 - 20 * 8);

        var narrow = Images.read(resource("grey.png"), "grey.png");
        // Pillow's luma of the motif: 0.299 R + 0.587 G + 0.114 B.
        double luma = 0.299 * (255 - 160) + 0.587 * (255 - 120) + 0.114 * 40;
        assertThat(narrow.at(20, 12, 1)).isBetween((int) luma - 1, (int) luma + 1);
    }

    @Test
    void shouldReadPaletteImages() throws IOException {
        var image = Images.read(resource("palette.png"), "palette.png");
        assertThat(image.at(20, 12, 0)).isBetween(95 - 40, 95 + 40);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain.png",
                "lossless.webp",
                "lossy.webp",
                "animated.webp",
                "exif1.jpg",
                "cmyk.jpg",
                "rgb16.png"
            })
    void shouldRefuseAPictureThatIsCutShort(String name) throws IOException {
        var bytes = resource(name);
        var half = Arrays.copyOf(bytes, bytes.length * 3 / 5);

        assertThatThrownBy(() -> Images.read(half, name))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_IMAGE))
                .hasMessageContaining(name)
                .hasMessageContaining("save it again");
    }

    @Test
    void shouldNameTheFileWhenThereIsNoPicture() throws IOException {
        var text = Files.writeString(folder.resolve("note.png"), "not a picture");
        var empty = Files.createFile(folder.resolve("empty.png"));

        assertThatThrownBy(() -> Images.read(text)).hasMessageContaining("note.png");
        assertThatThrownBy(() -> Images.read(empty)).hasMessageContaining("0 bytes");
        assertThatThrownBy(() -> Images.read(folder.resolve("none.png")))
                .hasMessageContaining("no such file");
    }

    @Test
    void shouldGiveBackWhatWasWrittenAsPng() {
        var rgb = new byte[5 * 3 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * 37);
        }
        var file = folder.resolve("deep/er/image.png");

        Images.writePng(file, new RgbImage(5, 3, rgb));

        assertThat(Images.read(file).rgb()).isEqualTo(rgb);
        assertThat(file.getParent().toFile().list()).containsExactly("image.png");
    }

    private static byte[] resource(String name) throws IOException {
        try (var in = stream(name)) {
            return in.readAllBytes();
        }
    }

    private static InputStream stream(String name) {
        return ImagesTest.class.getResourceAsStream("/images/" + name);
    }
}
