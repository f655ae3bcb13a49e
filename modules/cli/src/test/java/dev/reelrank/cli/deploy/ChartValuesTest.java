package dev.reelrank.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that Helm must refuse before anything reaches a cluster. */
final class ChartValuesTest {
    private static final String GOOD = "kafka: {bootstrap: 'k:9092'}\nstudio: {enabled: false}\n";

    @TempDir private Path folder;

    @Test
    void shouldTakeTheLeastThatAFarmNeeds() throws IOException {
        assertThat(Chart.render(write(GOOD)).workloads()).hasSize(7);
    }

    /** A name with a typo, at any depth, and values of the wrong kind. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kafak: {}                                            | kafak",
                "kafka: {bootstrap: 'k:9092', bootstraps: x}          | bootstraps",
                "kafka: {bootstrap: 'k'}                              | bootstrap",
                "flow: {replicas: two}                                | replicas",
                "flow: {replicas: 0}                                  | replicas",
                "workers: {candidate: {replica: 3}}                   | replica",
                "workers: {candidate: {stage: rank}}                  | stage",
                "workers: {Candidate: {stage: candidate}}             | Candidate",
                "workers: {candidate: {autoscaling: {maximum: 3}}}    | maximum",
                "workers: {candidate: {gpu: {count: '1'}}}            | count",
                "workers: {candidate: {tolerations: [{keys: a}]}}     | keys",
                "workerDefaults: {device: gpu}                        | device",
                "models: {source: pvc}                                | source",
                "models: {fetch: {for: []}}                           | for",
                "images: {cpu: {digest: latest}}                      | digest",
                "studio: {enabled: 'yes'}                             | enabled",
                "monitoring: {podMonitors: {enabled: true}}           | podMonitors",
                "networkPolicy: {kafka: {ports: [kafka]}}             | ports",
            })
    void shouldRefuseATypoByItsName(String values, String named) throws IOException {
        assertThatThrownBy(() -> Chart.render(write(values)))
                .hasMessageContaining("values don't meet the specifications of the schema")
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "studio: {enabled: false}                              | set kafka.bootstrap",
                "kafka: {bootstrap: 'k:1'}                             | studio.tokenSecret is empty",
                "store: {uri: '/data/store'}                           | only s3://bucket/prefix",
                "workers: {other: {}}                                  | workers.other serves no stage",
                "workers: {candidate: {gpu: {count: 0}}}               | asks for no GPU",
                "workers: {candidate: {gpu: {shared: true}}}           | needs lease.kind=node",
                "models: {source: image}                               | models.image.reference is empty",
            })
    void shouldRefuseContradictionsWithARemedy(String values, String said) throws IOException {
        var all =
                values.startsWith("kafka") || values.startsWith("studio") ? values : GOOD + values;
        assertThatThrownBy(() -> Chart.render(write(all))).hasMessageContaining(said);
    }

    private Path write(String values) throws IOException {
        return Files.writeString(folder.resolve("values.yaml"), values);
    }
}
