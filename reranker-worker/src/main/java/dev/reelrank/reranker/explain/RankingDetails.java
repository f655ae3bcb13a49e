package dev.reelrank.reranker.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.Mask;
import dev.reelrank.ranking.FrameMeasures;
import dev.reelrank.reranker.report.CandidateReport;
import dev.reelrank.reranker.report.FrameView;
import dev.reelrank.reranker.report.RankingReport;
import dev.reelrank.video.Images;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What explains a ranking, as data that pages draw themselves: the mask of the subject in the
 * reference, identity by frame, and the heat maps of some frames. The form is in docs/ranking.md.
 */
public final class RankingDetails {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Enough for a curve and for a colour, and a third of the bytes. */
    private static final double PRECISION = 1e4;

    private static final int INSIDE = 0x59_FF_8C_00;
    private static final int OUTSIDE = 0x8C_00_00_00;

    private RankingDetails() {}

    /**
     * Writes it.
     *
     * @param seeds of the candidates, in the report's order
     * @return UTF-8
     */
    public static byte[] json(RankingReport report, List<Long> seeds) {
        ObjectNode all = JSON.createObjectNode();
        Mask mask = report.pixels();
        all.put("mask", mask == null ? null : Images.png(picture(mask)));
        ArrayNode candidates = all.putArray("candidates");
        for (int i = 0; i < seeds.size(); i++) {
            ObjectNode node = candidates.addObject().put("seed", seeds.get(i));
            CandidateReport candidate = report.candidates().get(i);
            ArrayNode frames = node.putArray("frames");
            for (FrameMeasures frame : candidate.frames()) {
                frames.addObject()
                        .put("frame", frame.frame())
                        .put("identity", number(frame.maskedIdentity()))
                        .put("previous", number(frame.previous()));
            }
            ArrayNode views = node.putArray("views");
            candidate.views().forEach(view -> view(views.addObject(), view));
        }
        try {
            return JSON.writeValueAsString(all).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of numbers is always JSON", e);
        }
    }

    private static void view(ObjectNode node, FrameView view) {
        node.put("frame", view.frame()).put("rows", view.rows()).put("columns", view.columns());
        ArrayNode heat = node.putArray("heat");
        for (double each : view.heat()) {
            heat.add(number(each));
        }
        if (view.box() != null) {
            // Shares of the frame, for a picture of any size.
            double width = view.image().width();
            double height = view.image().height();
            node.putArray("box")
                    .add(number(view.box().x0() / width))
                    .add(number(view.box().y0() / height))
                    .add(number(view.box().x1() / width))
                    .add(number(view.box().y1() / height));
        }
    }

    /** Null for what is no number, as JSON has none for it. */
    private static @Nullable Double number(double value) {
        return Double.isFinite(value) ? Math.round(value * PRECISION) / PRECISION : null;
    }

    /** To be laid over the reference: the subject in orange, the rest darkened. */
    private static BufferedImage picture(Mask mask) {
        var picture = new BufferedImage(mask.width(), mask.height(), BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < mask.height(); y++) {
            for (int x = 0; x < mask.width(); x++) {
                picture.setRGB(x, y, mask.at(x, y) ? INSIDE : OUTSIDE);
            }
        }
        return picture;
    }
}
