package dev.reelrank.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Timesteps and noise levels are diffusers' to the bit; make_lists.py wrote them. */
final class UniPcListsTest {
    private static JsonNode expected() throws Exception {
        try (var in = UniPcListsTest.class.getResourceAsStream("unipc-lists.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    @Test
    void shouldAgreeForEveryStepCountAndShift() throws Exception {
        var softly = new SoftAssertions();
        for (var shift : expected().path("hashes").properties()) {
            assertThat(shift.getValue()).hasSize(200);
            for (int steps = 1; steps <= 200; steps++) {
                softly.assertThat(digest(steps, Double.parseDouble(shift.getKey())))
                        .as("%d steps, shift %s", steps, shift.getKey())
                        .isEqualTo(shift.getValue().get(steps - 1).asText());
            }
        }
        softly.assertAll();
    }

    @Test
    void shouldAgreeWithTheWholeLists() throws Exception {
        for (var list : expected().path("whole")) {
            double[] timesteps =
                    new UniPcScheduler(list.path("steps").asInt(), list.path("shift").asDouble())
                            .timesteps();
            assertThat(timesteps)
                    .isEqualTo(
                            new ObjectMapper()
                                    .convertValue(list.path("timesteps"), double[].class));
        }
    }

    private static String digest(int steps, double shift) throws Exception {
        var scheduler = new UniPcScheduler(steps, shift);
        double[] timesteps = scheduler.timesteps();
        double[] sigmas = scheduler.sigmas();
        var bytes =
                ByteBuffer.allocate(4 * (timesteps.length + sigmas.length))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (double timestep : timesteps) {
            bytes.putInt((int) timestep);
        }
        for (double sigma : sigmas) {
            bytes.putFloat((float) sigma);
        }
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.array());
        return HexFormat.of().formatHex(hash).substring(0, 16);
    }
}
