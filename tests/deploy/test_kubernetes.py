"""The overlays render, are what Kubernetes and its operators take, and set what the services read."""

import json
import os
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped] # the library has no types
import pytest

from schemas import topics
from tests.deploy import rendered as shown
from tests.deploy.configured import check, is_module
from tests.deploy.image import read_image
from tests.deploy.node import run
from tests.deploy.rendered import OVERLAYS, Resource, container, egress, environment, of_kind, pod
from tests.fetched import NotInstalledError

VERSION = "1.33"
CUSTOM = {"ScaledObject", "TriggerAuthentication", "ServiceMonitor"}
STRIMZI = {"KafkaTopic", "KafkaUser"}
SERVICES = {"collector", "consumer", "profile", "recommender", "composer", "connector", "console"}
PRIVATE = (
    "10.1.2.3", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.7", "192.0.0.8",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "fd00::1", "fe80::1", "fec0::1", "64:ff9b::a00:1",
    "64:ff9b:1::1", "2002:a00:1::1", "::ffff:10.0.0.1", "ff02::1", "2001:db8::1", "3fff::1", "5f00::1",
)  # fmt: skip
PUBLIC = ("93.184.216.34", "1.1.1.1", "2606:4700::1111")

pytestmark = pytest.mark.xdist_group("image")


@pytest.fixture(scope="module", params=OVERLAYS)
def resources(request: pytest.FixtureRequest) -> tuple[Resource, ...]:
    """The overlay's resources."""
    return _rendered(request.param)


@pytest.fixture(scope="module")
def production() -> tuple[Resource, ...]:
    """The resources of production."""
    return _rendered("production")


def _rendered(overlay: str) -> tuple[Resource, ...]:
    try:
        return shown.rendered(overlay)[1]
    except FileNotFoundError as error:
        pytest.skip(str(error))


def test_resource_is_one_that_kubernetes_takes(resources: tuple[Resource, ...]) -> None:
    """Of the kinds that Kubernetes itself knows, with no field that it does not; the others are operators'."""
    others = {each["kind"] for each in resources} & (CUSTOM | STRIMZI)
    for each in resources:
        if each["kind"] not in others:
            kubernetes_validate.validate(each, VERSION, strict=True)


def test_resource_is_one_that_its_operator_takes(production: tuple[Resource, ...]) -> None:
    """KEDA's and the Prometheus operator's schemas, as packages bring them, find nothing."""
    given = [each for each in production if each["kind"] in CUSTOM]
    assert {each["kind"] for each in given} == CUSTOM
    try:
        assert run("resources.cjs", given=json.dumps(given)) == []
        wrong = {**given[0], "spec": {**given[0]["spec"], "unheard": 1, "triggers": "none", "endpoints": "none"}}
        assert len(run("resources.cjs", given=json.dumps([wrong]))) == 1
    except NotInstalledError as error:
        pytest.skip(str(error))


def test_every_service_is_there(resources: tuple[Resource, ...]) -> None:
    """Each process once; what holds state or a ledger is a stateful set, with a volume that stays."""
    assert set(of_kind(resources, "Deployment", "StatefulSet")) == SERVICES
    stateful = of_kind(resources, "StatefulSet")
    assert set(stateful) == {"profile", "connector"}
    for each in stateful.values():
        (claim,) = each["spec"]["volumeClaimTemplates"]
        mounts = {mount["name"]: mount["mountPath"] for mount in container(each)["volumeMounts"]}
        variable = f"KINDLING_{each['metadata']['name'].upper()}_DATA"
        assert environment(each, resources)[variable].startswith(mounts[claim["metadata"]["name"]] + "/")


def test_ledger_has_one_writer(resources: tuple[Resource, ...]) -> None:
    """One connector, on a volume that one pod at a time may write to, and which outlives it."""
    connector = of_kind(resources, "StatefulSet")["connector"]["spec"]
    assert connector["replicas"] == 1
    assert connector["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert set(connector["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}


def test_service_has_the_settings_it_reads(
    resources: tuple[Resource, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its words start something, its variables are read, and their values are taken."""
    for each in of_kind(resources, *shown.WORKLOADS).values():
        module, *words = container(each)["args"]
        assert is_module((module, *words))
        with monkeypatch.context() as set_for_one:
            own = {name: value for name, value in environment(each, resources).items() if _is_for(module, name)}
            check(module, own, set_for_one, tmp_path)


def _is_for(module: str, name: str) -> bool:
    """The map is one for all services: the model's words are the recommender's and the composer's alone."""
    is_models = name.startswith(("KINDLING_LLM", "OPENAI_"))
    return not is_models or module in {"services.recommender", "services.composer"}


def test_pod_may_do_little(resources: tuple[Resource, ...]) -> None:
    """Not root, the image's user, a root that nothing is written to, no capability, no token, no links of services."""
    user = int(read_image().user.split(":")[0])
    for each in of_kind(resources, *shown.WORKLOADS).values():
        whole, one = pod(each), container(each)
        assert (whole["automountServiceAccountToken"], whole["enableServiceLinks"]) == (False, False)
        assert whole["securityContext"]["runAsNonRoot"] is True
        assert whole["securityContext"]["runAsUser"] == user
        assert whole["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip
        assert {"cpu", "memory"} <= set(one["resources"]["requests"])
        assert "memory" in one["resources"]["limits"]
        assert not one["image"].endswith(":latest")


def test_probes_ask_the_port_of_the_settings(resources: tuple[Resource, ...]) -> None:
    """`/live` restarts, `/ready` takes out of service, at the address that the kubelet reaches."""
    for each in of_kind(resources, "Deployment", "StatefulSet").values():
        one, set_to = container(each), environment(each, resources)
        port = {named["name"]: named["containerPort"] for named in one["ports"]}["health"]
        assert (set_to["KINDLING_HEALTH_HOST"], set_to["KINDLING_HEALTH_PORT"]) == ("0.0.0.0", str(port))  # noqa: S104 the pod's
        assert one["livenessProbe"]["httpGet"] == one["startupProbe"]["httpGet"] == {"path": "/live", "port": "health"}
        assert one["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "health"}


def test_secret_is_named_and_never_held(resources: tuple[Resource, ...]) -> None:
    """No secret is among the resources, and no variable holds what has a file."""
    assert of_kind(resources, "Secret") == {}
    for each in of_kind(resources, "Deployment", "StatefulSet").values():
        set_to = environment(each, resources)
        mounted = {mount["mountPath"] for mount in container(each)["volumeMounts"]}
        files = {name: value for name, value in set_to.items() if name.endswith("_FILE")}
        assert "KINDLING_SECRET_FILE" in files
        assert {name for name, path in files.items() if str(Path(path).parent) not in mounted} == set()
        assert {name.removesuffix("_FILE") for name in files} & set(set_to) == set()


def test_workload_is_disrupted_one_by_one(resources: tuple[Resource, ...]) -> None:
    """Every part of the way a mail takes has a budget that lets one pod go, and none that lets nobody go."""
    budgets = of_kind(resources, "PodDisruptionBudget")
    assert set(budgets) == SERVICES - {"console"}
    assert {each["spec"]["maxUnavailable"] for each in budgets.values()} == {1}


def test_nothing_is_reached_that_no_policy_names(resources: tuple[Resource, ...]) -> None:
    """Every pod is under the policy that allows nothing; in goes health and the collector's port alone."""
    policies = of_kind(resources, "NetworkPolicy")
    nothing = policies["kindling-nothing"]["spec"]
    assert (nothing["policyTypes"], nothing.get("ingress"), nothing.get("egress")) == (
        ["Ingress", "Egress"],
        None,
        None,
    )
    selected = nothing["podSelector"]["matchLabels"].items()
    for each in of_kind(resources, *shown.WORKLOADS).values():
        assert selected <= each["spec"]["template"]["metadata"]["labels"].items()
    ingress = {name: each for name, each in policies.items() if each["spec"].get("ingress")}
    ports = {name: each["spec"]["ingress"][0]["ports"][0]["port"] for name, each in ingress.items()}
    assert ports == {"kindling-health": 9100, "kindling-collector": 8080}


@pytest.mark.parametrize("name", sorted(SERVICES - {"connector"}))
def test_who_reaches_out_reaches_public_addresses_alone(name: str, production: tuple[Resource, ...]) -> None:
    """Recommender and composer reach the model, the recommender sites too; nobody an address of a private network."""
    reached = {
        (address, port["port"])
        for rule in egress(production, name)
        for address in (*PRIVATE, *PUBLIC)
        if _admits(rule, address)
        for port in rule["ports"]
    }
    ports = {"recommender": {80, 443}, "composer": {443}}.get(name, set())
    assert reached == {(address, port) for address in PUBLIC for port in ports}


def test_small_reaches_nothing_outside_but_the_mail_server() -> None:
    """Without the components `model` and `company-reader` neither recommender nor composer has a way out."""
    small = _rendered("small")
    for name in SERVICES:
        ports = {
            port["port"]
            for rule in egress(small, name)
            for each in PUBLIC
            if _admits(rule, each)
            for port in rule["ports"]
        }
        assert ports == ({465, 587} if name == "connector" else set())


def test_scaling_follows_the_lag_of_the_groups_that_are_read(production: tuple[Resource, ...]) -> None:
    """KEDA asks for a topic that the service reads, by its group, and grows to the number of partitions at most."""
    scaled = of_kind(production, "ScaledObject")
    assert set(scaled) == {"recommender", "composer"}
    counts = {name: each["spec"]["partitions"] for name, each in of_kind(production, "KafkaTopic").items()}
    for name, each in scaled.items():
        (trigger,) = each["spec"]["triggers"]
        topic = topics.BY_NAME[trigger["metadata"]["topic"]]
        assert name in topic.readers
        assert trigger["metadata"]["consumerGroup"] == f"kindling.{name}"
        assert each["spec"]["maxReplicaCount"] == counts[topic.name]
        assert "replicas" not in of_kind(production, "Deployment")[name]["spec"]
    settings = of_kind(production, "ConfigMap")
    brokers = {
        trigger["metadata"]["bootstrapServers"] for each in scaled.values() for trigger in each["spec"]["triggers"]
    }
    (ours,) = [each["data"] for name, each in settings.items() if name.startswith("kindling-settings")]
    assert brokers == {ours["KINDLING_KAFKA_BOOTSTRAP_SERVERS"]}


def test_profile_has_no_more_workers_than_partitions(production: tuple[Resource, ...]) -> None:
    """One more would own nothing."""
    counts = {each["spec"]["partitions"] for each in of_kind(production, "KafkaTopic").values()}
    assert of_kind(production, "StatefulSet")["profile"]["spec"]["replicas"] <= max(counts)


def test_profile_takes_the_name_of_its_pod_where_that_is_wished(tmp_path: Path) -> None:
    """As its instance id, with a session; no overlay of ours wishes it."""
    assert "KINDLING_INSTANCE_ID" not in str(_rendered("small")) + str(_rendered("production"))
    overlay, component = (
        os.path.relpath(shown.FOLDER / each, tmp_path.resolve())
        for each in ("overlays/small", "components/static-members")
    )
    words = {"resources": [overlay], "components": [component]}
    (tmp_path / "kustomization.yaml").write_text(json.dumps(words))
    named = [
        (name, each)
        for name, workload in of_kind(_rendered(str(tmp_path)), "Deployment", "StatefulSet").items()
        for each in container(workload).get("env", ())
        if each["name"].startswith("KINDLING_INSTANCE_")
    ]
    assert named == [
        ("profile", {"name": "KINDLING_INSTANCE_ID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}),
        ("profile", {"name": "KINDLING_INSTANCE_SESSION_S", "value": "45"}),
    ]


def test_metrics_are_scraped(production: tuple[Resource, ...]) -> None:
    """By annotation or by a monitor that selects a service that names every process."""
    for each in of_kind(_rendered("small"), "Deployment", "StatefulSet").values():
        noted = each["spec"]["template"]["metadata"]["annotations"]
        assert noted["prometheus.io/port"] == environment(each, _rendered("small"))["KINDLING_HEALTH_PORT"]
    monitor = of_kind(production, "ServiceMonitor")["kindling"]["spec"]
    health = of_kind(production, "Service")["kindling-health"]
    assert monitor["selector"]["matchLabels"].items() <= health["metadata"]["labels"].items()
    assert health["spec"]["publishNotReadyAddresses"] is True
    assert {each["port"] for each in monitor["endpoints"]} == {each["name"] for each in health["spec"]["ports"]}


def _admits(rule: Mapping[str, object], address: str) -> bool:
    blocks = [each["ipBlock"] for each in rule["to"] if "ipBlock" in each]  # type: ignore[attr-defined]
    one = ip_address(address)
    return any(
        one in ip_network(block["cidr"]) and not any(one in ip_network(each) for each in block.get("except", []))
        for block in blocks
    )
