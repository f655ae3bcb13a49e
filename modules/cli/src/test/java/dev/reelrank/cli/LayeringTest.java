package dev.reelrank.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The layering, held by the build. Every module is on this module's class path, so the rules see
 * all of them.
 */
@AnalyzeClasses(packages = "dev.reelrank", importOptions = ImportOption.DoNotIncludeTests.class)
final class LayeringTest {
    private static final String[] KAFKA = {"org.apache.kafka.."};
    private static final String[] AVRO = {"org.apache.avro.."};
    private static final String[] ENGINES = {
        "org.bytedeco.pytorch..", "ai.djl..", "ai.onnxruntime.."
    };

    @ArchTest
    static final ArchRule contractsAndArithmeticKnowNoTransportAndNoEngine =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "dev.reelrank.pipeline..",
                            "dev.reelrank.ranking..",
                            "dev.reelrank.grading..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(concat(KAFKA, AVRO, ENGINES))
                    .because(
                            "contracts and formulas must be usable and testable without a broker, a schema or a native library");

    @ArchTest
    static final ArchRule contractsDependOnNothingOfOurs =
            noClasses()
                    .that()
                    .resideInAPackage("dev.reelrank.pipeline..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.reelrank.bus..",
                            "dev.reelrank.flow..",
                            "dev.reelrank.worker..",
                            "dev.reelrank.djl..",
                            "dev.reelrank.torch..",
                            "dev.reelrank.diffusion..",
                            "dev.reelrank.wan..",
                            "dev.reelrank.qwen..",
                            "dev.reelrank.perception..",
                            "dev.reelrank.video..",
                            "dev.reelrank.ranking..",
                            "dev.reelrank.grading..",
                            "dev.reelrank.cli..")
                    .because("everything depends on the contracts, so they may depend on nothing");

    @ArchTest
    static final ArchRule modelsKnowNoKafka =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "dev.reelrank.djl..",
                            "dev.reelrank.torch..",
                            "dev.reelrank.diffusion..",
                            "dev.reelrank.wan..",
                            "dev.reelrank.qwen..",
                            "dev.reelrank.perception..",
                            "dev.reelrank.video..",
                            "dev.reelrank.testbed..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "org.apache.avro..",
                            "dev.reelrank.bus..",
                            "dev.reelrank.flow..",
                            "dev.reelrank.worker..")
                    .because("a model answers the same on a topic and on the command line");

    @ArchTest
    static final ArchRule onlyTheBusKnowsAvro =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.reelrank.bus..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.avro..")
                    .because(
                            "the wire format may change without touching anybody who speaks in events");

    @ArchTest
    static final ArchRule busAndFlowKnowNoModel =
            noClasses()
                    .that()
                    .resideInAnyPackage("dev.reelrank.bus..", "dev.reelrank.flow..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            concat(
                                    ENGINES,
                                    "dev.reelrank.djl..",
                                    "dev.reelrank.torch..",
                                    "dev.reelrank.diffusion..",
                                    "dev.reelrank.wan..",
                                    "dev.reelrank.qwen..",
                                    "dev.reelrank.perception..",
                                    "dev.reelrank.ranking..",
                                    "dev.reelrank.grading..",
                                    "dev.reelrank.video..",
                                    "dev.reelrank.worker.."))
                    .because("a new model or stage must not touch the queues or the bookkeeping");

    @ArchTest
    static final ArchRule theShellKnowsNoModel =
            noClasses()
                    .that()
                    .resideInAPackage("dev.reelrank.worker..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            concat(
                                    ENGINES,
                                    "dev.reelrank.djl..",
                                    "dev.reelrank.torch..",
                                    "dev.reelrank.diffusion..",
                                    "dev.reelrank.wan..",
                                    "dev.reelrank.qwen..",
                                    "dev.reelrank.perception.."))
                    .because("the shell runs any stage; only the worker folders wire one to it");

    @ArchTest
    static final ArchRule waitingStagesStayInTheBenchmarks =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("dev.reelrank.bench..", "dev.reelrank.cli..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.reelrank.bench..")
                    .because("what only waits must never be selectable where the real stages run");

    private static String[] concat(String[] first, String... rest) {
        return java.util.stream.Stream.concat(
                        java.util.Arrays.stream(first), java.util.Arrays.stream(rest))
                .toArray(String[]::new);
    }

    private static String[] concat(String[] a, String[] b, String[] c) {
        return concat(concat(a, b), c);
    }
}
