"""What kustomize makes of an overlay, and the questions that tests have of it."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from shutil import which
from typing import Any

import yaml

from tests.deploy.image import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
BUILT = ROOT / ".cache" / "bin"  # where `go install` may have put it
KUSTOMIZE = 5
OVERLAYS = ("small", "production")
WORKLOADS = frozenset({"Deployment", "StatefulSet", "Job"})
Resource = Mapping[str, Any]


@cache
def rendered(overlay: str) -> tuple[str, tuple[Resource, ...]]:
    """The overlay as text and as resources; rendered once.

    Raises:
        FileNotFoundError: neither kubectl nor kustomize is there, or not new enough.
        AssertionError: kustomize refuses the overlay, or warns.
    """
    done = subprocess.run(
        [*_renderer(), str(FOLDER / "overlays" / overlay)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, tuple(yaml.safe_load_all(done.stdout))


@cache
def _renderer() -> tuple[str, ...]:
    """What renders a folder that is named behind it; Debian's kubectl has a kustomize that knows no components."""
    if (kubectl := which("kubectl")) is not None:
        said = subprocess.run(
            [kubectl, "version", "--client", "-o", "json"], capture_output=True, text=True, check=False
        ).stdout
        found = re.search(r'"kustomizeVersion": *"v(\d+)', said)
        if found is not None and int(found[1]) >= KUSTOMIZE:
            return kubectl, "kustomize"
    if (kustomize := which("kustomize", path=os.pathsep.join((os.environ["PATH"], str(BUILT))))) is not None:
        return kustomize, "build"
    raise FileNotFoundError(
        f"expected kubectl with kustomize {KUSTOMIZE} or later, or kustomize, on the path or in {BUILT}"
    )


def of_kind(resources: tuple[Resource, ...], *kinds: str) -> dict[str, Resource]:
    """Those of the kinds, by name."""
    return {each["metadata"]["name"]: each for each in resources if each["kind"] in kinds}


def pod(workload: Resource) -> Resource:
    """The pod of a workload."""
    return dict(workload["spec"]["template"]["spec"])


def container(workload: Resource) -> Resource:
    """Its one container."""
    (only,) = pod(workload)["containers"]
    return dict(only)


def environment(workload: Resource, resources: tuple[Resource, ...]) -> dict[str, str]:
    """The variables of its container: those of the maps it is given, then its own."""
    maps = of_kind(resources, "ConfigMap")
    found: dict[str, str] = {}
    for source in container(workload).get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]]["data"]
    return found | {each["name"]: each["value"] for each in container(workload).get("env", [])}


def egress(resources: tuple[Resource, ...], name: str) -> Iterator[Resource]:
    """Every rule by which pods of that name may reach out."""
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "kindling"}
    for policy in of_kind(resources, "NetworkPolicy").values():
        if "Egress" in policy["spec"]["policyTypes"] and _selects(policy["spec"]["podSelector"], labels):
            yield from policy["spec"].get("egress", [])


def _selects(selector: Resource, labels: Mapping[str, str]) -> bool:
    plain = selector.get("matchLabels", {}).items() <= labels.items()
    return plain and all(labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", []))
