#!/usr/bin/env python3
"""Makes the schemas in this folder: what a resource of the chart may contain, without the descriptions.

  pip install kubernetes-validate==1.37.0 pyyaml
  python3 make.py STRIMZI KEDA PROMETHEUS_OPERATOR

The arguments are checkouts of the three operators (Apache License 2.0); the package carries Kubernetes' own schemas
(Apache License 2.0). Each file holds one kind with everything that it refers to, named as kubeconform looks for it.
An object with a list of properties takes no others.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

import kubernetes_validate
import yaml

VERSION = "1.34"
HERE = pathlib.Path(__file__).parent
KINDS = {
    "v1": ["ConfigMap", "Service", "ServiceAccount", "PersistentVolumeClaim"],
    "apps/v1": ["Deployment", "StatefulSet", "DaemonSet"],
    "batch/v1": ["Job"],
    "policy/v1": ["PodDisruptionBudget"],
    "networking.k8s.io/v1": ["NetworkPolicy", "Ingress"],
}
CRDS = [
    (1, "helm-charts/helm3/strimzi-kafka-operator/crds/040-Crd-kafka.yaml"),
    (1, "helm-charts/helm3/strimzi-kafka-operator/crds/043-Crd-kafkatopic.yaml"),
    (1, "helm-charts/helm3/strimzi-kafka-operator/crds/044-Crd-kafkauser.yaml"),
    (1, "helm-charts/helm3/strimzi-kafka-operator/crds/045-Crd-kafkanodepool.yaml"),
    (2, "config/crd/bases/keda.sh_scaledobjects.yaml"),
    (2, "config/crd/bases/keda.sh_triggerauthentications.yaml"),
    (3, "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml"),
    (3, "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"),
]


def strip(node, inside_properties=False):
    """Without what only people read; closed where properties are listed."""
    if isinstance(node, list):
        return [strip(n) for n in node]
    if not isinstance(node, dict):
        return node
    if inside_properties:
        return {k: strip(v) for k, v in node.items()}
    out = {}
    for key, value in node.items():
        if key in ("description", "default", "example") or key.startswith("x-kubernetes"):
            continue
        out[key] = strip(value, key in ("properties", "$defs"))
    if node.get("x-kubernetes-int-or-string") or node.get("format") == "int-or-string":
        return {"type": ["integer", "string"]}
    if "properties" in out and not node.get("x-kubernetes-preserve-unknown-fields"):
        out.setdefault("additionalProperties", False)
    return out


def write(api, kind, schema):
    group = api.split("/")[0].split(".")[0] if "/" in api else ""
    version = api.split("/")[-1]
    name = "-".join(part for part in (kind, group, version) if part).lower()
    (HERE / f"{name}.json").write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n")


def kubernetes():
    root = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    folder = max(root.glob(f"v{VERSION}.*-local"))
    every = json.loads((folder / "_definitions.json").read_text())["$defs"]
    for api, kinds in KINDS.items():
        for kind in kinds:
            name = next(n for n, d in every.items() if is_kind(d.get("properties", {}), api, kind))
            used, todo = {}, [name]
            while todo:
                one = todo.pop()
                if one not in used:
                    used[one] = strip(every[one])
                    todo += re.findall(r'"#/\$defs/([^"]+)"', json.dumps(used[one]))
            # The server fills these in; nobody writes them.
            for definition in used.values():
                definition.get("properties", {}).pop("managedFields", None)
            write(api, kind, {"$schema": "https://json-schema.org/draft/2020-12/schema",
                              "$ref": f"#/$defs/{name}", "$defs": used})


def is_kind(properties, api, kind):
    return (properties.get("apiVersion", {}).get("enum") == [api]
            and properties.get("kind", {}).get("enum") == [kind])


def operators(checkouts):
    for which, path in CRDS:
        text = subprocess.run(["git", "-C", checkouts[which - 1], "show", f"HEAD:{path}"],
                              capture_output=True, text=True)
        text = text.stdout or pathlib.Path(checkouts[which - 1], path).read_text()
        crd = yaml.safe_load(text)["spec"]
        for version in crd["versions"]:
            if not version["served"] or not version["storage"]:
                continue
            schema = strip(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            schema["properties"].update(apiVersion={"type": "string"}, kind={"type": "string"})
            schema["properties"].pop("status", None)
            write(f"{crd['group']}/{version['name']}", crd["names"]["kind"], schema)


if __name__ == "__main__":
    os.umask(0o022)
    kubernetes()
    operators(sys.argv[1:])
