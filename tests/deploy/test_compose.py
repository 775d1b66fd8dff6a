"""The compose file: it is one by the specification, and all that it names is what the services have."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.deploy.configured import check, is_module
from tests.deploy.image import ROOT, read_image
from tests.fetched import LOCAL, NotInstalledError, python_packages

DEPLOY = ROOT / "deploy"
FILES = ("compose.yaml", "compose.model.yaml", "compose.smtp.yaml", "compose.qdrant.yaml")
LOCK = Path(__file__).with_name("compose") / "requirements.txt"
INTERPOLATED = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
ADDRESSES = ("KINDLING_KAFKA_BOOTSTRAP_SERVERS", "KINDLING_CONNECTOR_SMTP_HOST", "KINDLING_QDRANT_URL")
Service = Mapping[str, Any]


def _read(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8")))


WHOLE = _read("compose.yaml")
SERVICES: Mapping[str, Service] = WHOLE["services"]
OURS = {name: each for name, each in SERVICES.items() if str(each["image"]).startswith("${IMAGE")}


@pytest.mark.parametrize("name", FILES)
def test_file_is_valid_by_the_specification(name: str) -> None:
    """The JSON Schema of the compose specification, as a wheel brings it, finds nothing."""
    try:
        package = python_packages(LOCK, LOCAL / "compose")
    except NotInstalledError as error:
        pytest.skip(str(error))
    schema = json.loads((package / "check_jsonschema/builtin_schemas/vendor/compose-spec.json").read_bytes())
    assert [f"{each.json_path}: {each.message}" for each in Draft7Validator(schema).iter_errors(_read(name))] == []


@pytest.mark.parametrize("name", OURS)
def test_service_has_the_settings_it_reads(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its words start something, its variables are read, and their values are taken."""
    service = OURS[name]
    assert is_module(service["command"])
    check(service["command"][0], _environment(service), monkeypatch, tmp_path)


@pytest.mark.parametrize("name", FILES[1:])
def test_addition_has_the_settings_that_are_read(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside the file it adds to, whose services it names."""
    for service, more in _read(name)["services"].items():
        environment = _environment(SERVICES[service]) | _environment(more)
        check(SERVICES[service]["command"][0], environment, monkeypatch, tmp_path)
        assert set(SERVICES[service].get("secrets", [])) <= set(more.get("secrets", SERVICES[service]["secrets"]))


@pytest.mark.parametrize("name", sorted(set(OURS) - {"topics"}))
def test_health_is_asked_at_the_port_of_the_settings(name: str) -> None:
    """The check and the settings name one port, which the image has by default too."""
    port = _environment(OURS[name])["KINDLING_HEALTH_PORT"]
    assert f"http://127.0.0.1:{port}/ready" in OURS[name]["healthcheck"]["test"][-1]
    assert read_image().environment["KINDLING_HEALTH_PORT"] == port


@pytest.mark.parametrize("name", OURS)
def test_service_may_do_little(name: str) -> None:
    """A root that nothing is written to, no capability, a bound on memory and CPU."""
    service = OURS[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_bounded_restarted_and_in_a_profile(name: str) -> None:
    """Whatever it is."""
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["restart"] in {"unless-stopped", "on-failure"}
    assert set(service["profiles"]) <= {"core", "observability", "demo", "qdrant"}
    assert service["healthcheck"]
    assert ":" in service["image"]
    assert not service["image"].endswith(":latest")


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there(name: str) -> None:
    """A folder of the repository, or a volume that is declared."""
    for mount in SERVICES[name].get("volumes", []):
        source = _filled(mount).split(":")[0]
        if source.startswith("."):
            assert (DEPLOY / source).exists(), mount
        else:
            assert source in WHOLE["volumes"]


def test_volumes_secrets_and_networks_are_used() -> None:
    """None is declared for nobody, and none is used that is not declared."""
    used = {
        "volumes": {_filled(each).split(":")[0] for one in SERVICES.values() for each in one.get("volumes", [])},
        "networks": {each for one in SERVICES.values() for each in one["networks"]},
        "secrets": {each for one in SERVICES.values() for each in one.get("secrets", [])},
    }
    for kind, names in used.items():
        assert {each for each in names if not each.startswith(".")} == set(WHOLE[kind])


def test_only_the_collector_may_be_published_beyond_this_machine() -> None:
    """Every other port is bound to the loopback address, and the collector's is until it is told otherwise."""
    published = {name: _filled(each) for name, one in SERVICES.items() for each in one.get("ports", [])}
    assert {name for name, port in published.items() if not port.startswith("127.0.0.1:")} == set()
    assert {name for name, one in SERVICES.items() if "${" in "".join(one.get("ports", []))} == {"collector"}
    assert WHOLE["networks"]["bus"] == {"internal": True}


@pytest.mark.parametrize("name", OURS)
def test_addresses_are_services_on_a_shared_network(name: str) -> None:
    """Who is told a name can reach it."""
    environment = _environment(OURS[name])
    for variable in ADDRESSES:
        host = environment.get(variable, "").removeprefix("http://").partition(":")[0]
        if host:
            assert {*SERVICES[host]["networks"]} & {*OURS[name]["networks"]}


def test_broker_is_one_that_keeps_its_markers() -> None:
    """4.1 to 4.3.1 can lose markers of an acknowledged transaction; topics are made by the table alone."""
    kafka = SERVICES["kafka"]
    assert re.search(r":4\.0\.\d+$", kafka["image"])
    assert kafka["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_ledger_has_one_connector() -> None:
    """No number of replicas: its ledger is one folder."""
    assert "replicas" not in SERVICES["connector"]["deploy"]
    assert [name for name, one in SERVICES.items() if "connector:/data" in one.get("volumes", [])] == ["connector"]


def _environment(service: Service) -> dict[str, str]:
    return {name: _filled(str(value)) for name, value in service.get("environment", {}).items()}


def _filled(text: str) -> str:
    """The text with its variables filled in: by their defaults, or by a word where one has to be given."""
    return INTERPOLATED.sub(lambda found: found[3] if found[2] == "-" else "given", text)
