package dev.reelrank.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.StageException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SceneTest {
    @Test
    void shouldDrawEverySubjectActionAndRelation() {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        Set<Action> actions = EnumSet.noneOf(Action.class);
        Set<Placement> relations = EnumSet.noneOf(Placement.class);
        Set<Camera> cameras = EnumSet.noneOf(Camera.class);
        for (int i = 0; i < 500; i++) {
            Scene scene = SceneMaker.scene(Split.TEST.seed(i));
            kinds.add(scene.first().kind());
            actions.add(scene.action());
            cameras.add(scene.camera());
            if (scene.relation() != null) {
                relations.add(scene.relation());
            }
        }
        assertThat(kinds).containsExactlyInAnyOrder(Kind.values());
        assertThat(actions).containsExactlyInAnyOrder(Action.values());
        assertThat(relations).containsExactlyInAnyOrder(Placement.values());
        assertThat(cameras).containsExactlyInAnyOrder(Camera.values());
    }

    @Test
    void shouldKeepSubjectsInThePicture() {
        for (int i = 0; i < 500; i++) {
            Scene scene = SceneMaker.scene(Split.VALIDATION.seed(i));
            Motion motion = new Motion(scene);
            for (int step = 0; step <= 16; step++) {
                SubjectPose pose = motion.at(0, step / 16f);
                assertThat(pose.x()).isBetween(pose.radius(), scene.size() - pose.radius());
                assertThat(pose.y()).isBetween(pose.radius(), scene.size() - pose.radius());
            }
        }
    }

    @Test
    void shouldTurnLikeAWheelWhenItRolls() {
        int rolling = 0;
        for (int i = 0; i < 300; i++) {
            Scene scene = SceneMaker.scene(Split.TEST.seed(i));
            if (!scene.rolls()) {
                continue;
            }
            rolling++;
            Motion motion = new Motion(scene);
            float turn = motion.at(0, 1).angle() - motion.at(0, 0).angle();
            float way = Motion.distance(scene.speed()) * scene.size() / 128;
            boolean clockwise = scene.action() == Action.RIGHT || scene.action() == Action.DOWN;
            assertThat(turn * scene.first().radius())
                    .isCloseTo(clockwise ? way : -way, within(1e-3f));
            assertThat(scene.withAction(Action.GROW).rolls()).isFalse();
        }
        assertThat(rolling).isBetween(4, 30);
    }

    @Test
    void shouldNotDrawASubjectThatItsBackgroundHides() {
        for (int i = 0; i < 500; i++) {
            Scene scene = SceneMaker.scene(Split.TEST.seed(i));
            for (Subject subject : scene.subjects()) {
                assertThat(scene.background().colour().hides(subject.colour(), subject.pattern()))
                        .as("subject of scene %d", i)
                        .isFalse();
            }
        }
    }

    @Test
    void shouldReadWhatItWrites() {
        for (int i = 0; i < 50; i++) {
            Scene scene = SceneMaker.scene(Split.TRAIN.seed(i));
            assertThat(SceneJson.read(SceneJson.write(scene))).isEqualTo(scene);
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenJsonIsNoScene() {
        assertThatThrownBy(() -> SceneJson.read("{\"seed\":1}"))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("not a scene of the testbed")
                .hasMessageContaining("size");
    }

    @Test
    void shouldRefuseSeedsOutsideASplit() {
        assertThat(Split.TEST.seed(0)).isGreaterThan(Split.VALIDATION.seed(Split.COUNT - 1) - 1);
        assertThatThrownBy(() -> Split.TRAIN.seed(Split.COUNT))
                .hasMessageContaining(String.valueOf(Split.COUNT));
    }
}
