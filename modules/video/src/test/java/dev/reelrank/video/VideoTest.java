package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VideoTest {
    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(VideoCodec.class)
    void shouldGiveBackTheFramesThatWereWritten(VideoCodec codec) {
        var clip = Clips.square(128, 96, 17, 3);
        var file = folder.resolve("a/clip.mp4");
        var settings = new VideoSettings(codec, 18, EncodingPreset.VERYFAST, 16);

        var info = VideoWriter.write(file, clip, settings);

        assertThat(info)
                .isEqualTo(
                        new VideoInfo(
                                file.toAbsolutePath(),
                                codec.stream(),
                                "yuv420p",
                                128,
                                96,
                                17,
                                16,
                                file.toFile().length()));
        var back = VideoReader.readAll(file);
        assertThat(back).hasSize(17);
        for (int t = 0; t < 17; t++) {
            assertThat(Clips.meanDifference(clip.get(t), back.get(t))).isLessThan(3.5);
        }
        assertThat(file.getParent().toFile().list()).containsExactly("clip.mp4");
    }

    @Test
    void shouldGiveFramesByRisingIndices() {
        var file = folder.resolve("clip.mp4");
        VideoWriter.write(file, Clips.square(64, 48, 6, 3), VideoSettings.h264(16));
        var all = VideoReader.readAll(file);
        try (var reader = VideoReader.open(file)) {
            assertThat(reader.frame(1).rgb()).isEqualTo(all.get(1).rgb());
            assertThat(reader.frame(4).rgb()).isEqualTo(all.get(4).rgb());
            assertThatThrownBy(() -> reader.frame(2)).hasMessage("no frame 2 from 5 on, of 6");
            assertThatThrownBy(() -> reader.frame(6)).hasMessage("no frame 6 from 5 on, of 6");
        }
    }

    @Test
    void shouldKeepColoursWithinTwoLevelsWhenTheyAreFlat() {
        int[][] colours = {{0, 0, 0}, {255, 255, 255}, {200, 30, 40}, {20, 180, 60}, {30, 40, 220}};
        for (int[] colour : colours) {
            var rgb = new byte[64 * 64 * 3];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) colour[i % 3];
            }
            var file = folder.resolve("flat.mp4");
            VideoWriter.write(file, List.of(new RgbImage(64, 64, rgb)), VideoSettings.h264(16));
            var back = VideoReader.readAll(file).get(0);
            for (int c = 0; c < 3; c++) {
                assertThat(back.at(30, 30, c)).isBetween(colour[c] - 2, colour[c] + 2);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(VideoCodec.class)
    void shouldSayInTheStreamWhatItsColoursAre(VideoCodec codec) {
        var file = folder.resolve("clip.mp4");
        VideoWriter.write(
                file,
                Clips.square(72, 64, 2, 2),
                new VideoSettings(codec, 18, EncodingPreset.VERYFAST, 16));

        try (var decoder = FrameDecoder.open(file)) {
            // BT.601's matrix in limited range, BT.709's curve and primaries (ITU-T H.273).
            assertThat(ColourTags.of(decoder.next())).isEqualTo(new ColourTags(6, false, 1, 1));
        }
    }

    @ParameterizedTest
    @EnumSource(VideoCodec.class)
    void shouldMakeEqualBytesFromEqualFrames(VideoCodec codec) throws IOException {
        var clip = Clips.square(192, 128, 25, 4);
        var settings = new VideoSettings(codec, 18, EncodingPreset.MEDIUM, 16);
        var first = VideoWriter.write(folder.resolve("one.mp4"), clip, settings);
        var second = VideoWriter.write(folder.resolve("two.mp4"), clip, settings);

        assertThat(second.file()).hasSameBinaryContentAs(first.file());
    }

    /** Below that, x265 corrupts the memory of the process. */
    @Test
    void shouldRefuseNarrowPicturesInH265() {
        var file = folder.resolve("narrow.mp4");
        assertThatThrownBy(() -> VideoWriter.open(file, 64, 64, VideoSettings.h265(16)))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("use H.264");
        VideoWriter.write(file, Clips.square(66, 50, 5, 1), VideoSettings.h265(16));
        assertThat(VideoReader.readAll(file)).hasSize(5);
    }

    /** Players of Apple show no hev1. */
    @Test
    void shouldCallH265WhatEveryPlayerKnows() throws IOException {
        var file = folder.resolve("clip.mp4");
        VideoWriter.write(file, Clips.square(72, 64, 12, 2), VideoSettings.h265(24));
        var text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(text).contains("hvc1").doesNotContain("hev1");
        assertThat(text.indexOf("moov")).isBetween(0, text.indexOf("mdat"));
    }

    @Test
    void shouldPutTheIndexBeforeTheFrames() throws IOException {
        var file = folder.resolve("clip.mp4");
        VideoWriter.write(file, Clips.square(64, 64, 5, 2), VideoSettings.h264(24));
        var text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(text.indexOf("moov")).isBetween(0, text.indexOf("mdat"));
    }

    @Test
    void shouldSkipFramesWithoutLosingCount() {
        var clip = Clips.square(128, 96, 9, 6);
        var file = folder.resolve("clip.mp4");
        VideoWriter.write(file, clip, VideoSettings.h264(16));
        try (var reader = VideoReader.open(file)) {
            for (int i = 0; i < 5; i++) {
                assertThat(reader.skip()).isTrue();
            }
            assertThat(reader.position()).isEqualTo(5);
            assertThat(Clips.meanDifference(reader.next(), clip.get(5))).isLessThan(3.5);
            assertThat(reader.skip()).isTrue();
            assertThat(reader.skip()).isTrue();
            assertThat(reader.next()).isNotNull();
            assertThat(reader.next()).isNull();
            assertThat(reader.skip()).isFalse();
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenTheWriterIsClosedEarly() {
        try (var writer =
                VideoWriter.open(folder.resolve("x.mp4"), 64, 64, VideoSettings.h264(16))) {
            writer.write(Clips.square(64, 64, 1, 0).get(0));
        }
        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    void shouldRefuseSizesAndFramesThatDoNotFit() {
        var file = folder.resolve("x.mp4");
        assertThatThrownBy(() -> VideoWriter.open(file, 63, 64, VideoSettings.h264(16)))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("even");
        try (var writer = VideoWriter.open(file, 64, 64, VideoSettings.h264(16))) {
            var wrong = Clips.square(32, 64, 1, 0).get(0);
            assertThatThrownBy(() -> writer.write(wrong)).hasMessageContaining("32x64");
        }
    }

    @Test
    void shouldNameTheFileWhenItIsNoVideo() throws IOException {
        var empty = Files.createFile(folder.resolve("empty.mp4"));
        var noise = folder.resolve("noise.mp4");
        var bytes = new byte[5000];
        Arrays.fill(bytes, (byte) 77);
        Files.write(noise, bytes);
        var whole = folder.resolve("whole.mp4");
        VideoWriter.write(whole, Clips.square(128, 96, 17, 3), VideoSettings.h264(16));
        var cut = folder.resolve("cut.mp4");
        Files.write(
                cut, Arrays.copyOf(Files.readAllBytes(whole), (int) (whole.toFile().length() / 2)));

        assertUnreadable(empty, "0 bytes");
        assertUnreadable(noise, "noise.mp4");
        assertUnreadable(folder.resolve("none.mp4"), "no such");
        assertUnreadable(cut, "cut.mp4");
    }

    private static void assertUnreadable(Path file, String said) {
        assertThatThrownBy(() -> VideoReader.readAll(file))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNREADABLE_VIDEO))
                .hasMessageContaining(said);
    }
}
