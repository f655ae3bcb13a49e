package dev.reelrank.cli.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The rules of Kubernetes' pod security level "restricted", those of "baseline" among them. */
final class RestrictedPods {
    private static final Set<String> VOLUMES =
            Set.of(
                    "configMap",
                    "csi",
                    "downwardAPI",
                    "emptyDir",
                    "ephemeral",
                    "image",
                    "persistentVolumeClaim",
                    "projected",
                    "secret");

    private RestrictedPods() {}

    /** What the pod does that the level forbids. */
    static List<String> faults(JsonNode pod) {
        var faults = new ArrayList<String>();
        for (String name : List.of("hostNetwork", "hostPID", "hostIPC")) {
            if (pod.path(name).asBoolean()) {
                faults.add(name);
            }
        }
        for (var volume : pod.path("volumes")) {
            volume.fieldNames()
                    .forEachRemaining(
                            kind -> {
                                if (!kind.equals("name") && !VOLUMES.contains(kind)) {
                                    faults.add(
                                            "volume %s is a %s"
                                                    .formatted(volume.path("name").asText(), kind));
                                }
                            });
        }
        var ofPod = pod.path("securityContext");
        for (String list : List.of("initContainers", "containers")) {
            for (var container : pod.path(list)) {
                faults.addAll(faults(container, ofPod));
            }
        }
        return faults;
    }

    private static List<String> faults(JsonNode container, JsonNode ofPod) {
        var faults = new ArrayList<String>();
        var name = container.path("name").asText();
        var own = container.path("securityContext");
        if (own.path("privileged").asBoolean()) {
            faults.add(name + " is privileged");
        }
        if (own.path("allowPrivilegeEscalation").asBoolean(true)) {
            faults.add(name + " may escalate");
        }
        if (!own.path("runAsNonRoot").asBoolean(ofPod.path("runAsNonRoot").asBoolean())) {
            faults.add(name + " may run as root");
        }
        if (own.path("runAsUser").asInt(ofPod.path("runAsUser").asInt()) == 0) {
            faults.add(name + " runs as root");
        }
        if (!own.at("/capabilities/drop").toString().contains("\"ALL\"")
                || !own.at("/capabilities/add").isMissingNode()) {
            faults.add(name + " keeps capabilities");
        }
        var profile =
                own.at("/seccompProfile/type").asText(ofPod.at("/seccompProfile/type").asText());
        if (!profile.equals("RuntimeDefault") && !profile.equals("Localhost")) {
            faults.add(name + " has no seccomp profile");
        }
        for (var port : container.path("ports")) {
            if (port.has("hostPort")) {
                faults.add(name + " takes a port of the host");
            }
        }
        return faults;
    }
}
