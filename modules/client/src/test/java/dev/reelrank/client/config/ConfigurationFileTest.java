package dev.reelrank.client.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfigurationFileTest {
    static List<String> presets() {
        return ConfigurationFile.PRESETS;
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldReadEveryPreset(String name) {
        assertThat(ConfigurationFile.preset(name)).isNotEqualTo(RunConfiguration.defaults());
    }

    @Test
    void shouldKeepTheDefaultsOfWhatIsNotNamed() {
        var read = parse("candidate:\n  steps: 4\n  size: 832x480\n  guidance: auto\n");
        assertThat(read.candidate().steps()).isEqualTo(4);
        assertThat(read.candidate().width()).isEqualTo(832);
        assertThat(read.candidate().height()).isEqualTo(480);
        assertThat(read.candidate().guidance()).isNull();
        assertThat(read.candidate().seeds()).containsExactly(1337L, 2024L, 7777L);
        assertThat(read.prompt()).isEqualTo(RunConfiguration.defaults().prompt());
    }

    @Test
    void shouldOverrideOneWeightAndKeepTheOthers() {
        var weights = parse("ranking:\n  weights: {identity: 0.5}\n").ranking().weights();
        assertThat(weights.identity()).isEqualTo(0.5);
        assertThat(weights.concentration()).isEqualTo(0.25);
    }

    @Test
    void shouldOverrideOneWeightOfAGradeAndKnowTheOthers() {
        var weights = parse("grade:\n  weights: {benchmark: 0.5}\n").grade().weights();
        assertThat(weights.get("benchmark")).isEqualTo(0.5);
        assertThat(weights.get("semantic")).isEqualTo(0.25);
        assertThatThrownBy(() -> parse("grade:\n  weights: {benchmrk: 0.5}\n"))
                .hasMessageContaining(
                        "unknown key 'grade.weights.benchmrk'; did you mean 'benchmark'?");
        assertThatThrownBy(() -> parse("grade:\n  weights: {benchmark: 1.5}\n"))
                .hasMessageContaining("grade.weights.benchmark is 1.5");
    }

    @Test
    void shouldSetSingleKeysOverWhatIsThere() {
        var base = parse("candidate: {steps: 4}\n");
        var set =
                ConfigurationFile.set(
                        "candidate.seeds=[1, 2]",
                        ConfigurationFile.set("ranking.weights.identity = 0.5", base));
        assertThat(set.candidate().steps()).isEqualTo(4);
        assertThat(set.candidate().seeds()).containsExactly(1L, 2L);
        assertThat(set.ranking().weights().identity()).isEqualTo(0.5);
        assertThat(set.ranking().weights().concentration()).isEqualTo(0.25);
        assertThat(ConfigurationFile.set("prompt.prefix=slowly, please", base).prompt().prefix())
                .isEqualTo("slowly, please");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "candidate.steps|--set is 'candidate.steps'; it must be KEY=VALUE",
                "candidate.step=4|--set candidate.step=4: unknown key 'candidate.step'; did you mean 'steps'?",
                "candidate.steps=0|--set candidate.steps=0: candidate.steps is 0; it must be between 1 and 200",
                "candidate.seeds=1,2|--set candidate.seeds=1,2: candidate.seeds must be a list such as [1, 2, 3]",
                "candidate=4|candidate must be keys of its own",
                "candidate.seeds=[1|is not YAML",
                "candidate.seeds=[9223372036854775808]|must be a whole number of at most 9223372036854775807",
                "candidate.steps=2147483648|must be a whole number of at most 2147483647",
            })
    void shouldNameTheSettingAndRemedyWhenItIsWrong(String setting, String message) {
        assertThatThrownBy(() -> ConfigurationFile.set(setting, RunConfiguration.defaults()))
                .isInstanceOf(StageException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "candidat: {}|test:1: unknown key 'candidat'; did you mean 'candidate'?",
                "candidate: {step: 3}|test:1: unknown key 'candidate.step'; did you mean 'steps'?",
                "candidate: {steps: 0}|test:1: candidate.steps is 0; it must be between 1 and 200",
                "candidate: {frames: 1026}|test:1: candidate.frames is 1026; it must be between 1 and 1025",
                "candidate: {steps: many}|test:1: candidate.steps must be a whole number, found 'many'",
                "candidate: {seeds: 3}|test:1: candidate.seeds must be a list",
                "candidate: {seeds: [1, 1]}|test:1: candidate.seeds is '[1, 1]'; it must be without repetition",
                "candidate: {prune: {after: 0}}|candidate.prune.after is 0; it must be between 1 and 199",
                "candidate: {prune: {after: 2, keep: 0}}|candidate.prune.keep is 0; it must be between 1 and 100",
                "candidate: {steps: 8, prune: {after: 8}}|candidate.prune.after is '8'; it must be below candidate.steps, 8",
                "candidate: {prune: {keep: 1}}|candidate.prune lacks 'after'; give it a value, or leave candidate.prune out",
                "candidate: {size: big}|test:1: candidate.size must be WIDTHxHEIGHT",
                "ranking: {weights: {identiy: 1}}|did you mean 'identity'?",
                "prompt: {mode: ultra}|prompt.mode is 'ultra'; it must be one of",
                "{{a: 1}: 2}|test:1: a key must be a single word",
                "ranking: {weights: {[1]: 2}}|test:1: a key in ranking.weights must be a single word",
                "candidate: {steps: 3, steps: 4}|test:1: the key 'steps' occurs twice in candidate",
                "candidate:|test:1: candidate has no value; leave the key out to keep the default",
                "prompt: {mode: null}|test:1: prompt.mode has no value",
                "prompt: {prefix: ~}|test:1: prompt.prefix has no value",
                "ranking: {minSpread: .nan}|test:1: ranking.minSpread must be a number",
                "ranking: {minSpread: NaN}|test:1: ranking.minSpread must be a finite number",
                "[1, 2]|expected a mapping with keys such as 'candidate:'",
            })
    void shouldNameKeyLineAndRemedyWhenTheFileIsWrong(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(StageException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldNameTheLineOfTheKeyNotOfItsSection() {
        assertThatThrownBy(
                        () -> parse("prompt:\n  mode: none\ncandidate:\n  fps: 16\n  steps: 999\n"))
                .hasMessageContaining("test:5: candidate.steps is 999");
    }

    private static RunConfiguration parse(String yaml) {
        return ConfigurationFile.parse("test", yaml, RunConfiguration.defaults());
    }
}
