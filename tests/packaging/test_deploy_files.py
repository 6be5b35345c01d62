"""The files of the deployment keep the rules of their trades, and name what exists. No Docker is needed."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KNOWN = {str(each.metadata["env"]) for each in fields(Settings)}
OTHERS = {"ANTHROPIC_API_KEY", "OPENAI_API_KEY"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OBJECTS: list[dict[str, Any]] = [
    each
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for each in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


# -- Dockerfile ------------------------------------------------------------------------------------------------------


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    kinds = [kind for kind, _ in instructions()]
    assert kinds.count("FROM") == 2
    last = kinds[len(kinds) - kinds[::-1].index("FROM") - 1 :]
    assert last.count("USER") == 1
    assert last.index("USER") < last.index("ENTRYPOINT")
    (user,) = [value for kind, value in instructions() if kind == "USER"]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "a number, so that runAsNonRoot can be checked"
    assert {"HEALTHCHECK", "STOPSIGNAL", "EXPOSE"} <= set(last)
    assert "ADD" not in kinds


def test_bases_are_pinned_and_what_is_installed_comes_by_hash() -> None:
    for kind, value in instructions():
        if kind == "FROM":
            assert re.match(r"[a-z]+:\d+\.\d+-slim\b", value), value
        if kind == "RUN" and "pip install" in value:
            assert "--require-hashes" in value or "--no-deps" in value
        assert not (kind in ("ENV", "ARG") and re.search(r"KEY|TOKEN|SECRET|PASSWORD", value))
    for kind in ("ENTRYPOINT", "CMD"):
        assert all(value.startswith("[") for each, value in instructions() if each == kind), (
            "the exec form gets SIGTERM"
        )


def test_what_is_copied_exists_and_reaches_the_builder() -> None:
    let_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"
    ]
    for kind, value in instructions():
        if kind == "COPY" and "--from" not in value:
            for source in value.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in let_through, f"{source} is left out by .dockerignore"
    assert set(let_through) <= {source for kind, value in instructions() if kind == "COPY" for source in value.split()}


@pytest.mark.parametrize("file", sorted(DEPLOY.rglob("*.*")), ids=lambda file: str(file.relative_to(DEPLOY)))
def test_no_file_names_a_package_host(file: Path) -> None:
    if file.suffix in (".png", ".jpg"):
        return
    hosts = set(re.findall(r"https?://([\w.-]+)", file.read_text(encoding="utf-8")))
    assert not {host for host in hosts if re.search(r"pypi|pythonhosted|npmjs|docker\.io|ghcr|quay|crates", host)}


# -- compose ---------------------------------------------------------------------------------------------------------


def test_two_bots_a_desk_and_what_they_need_are_there() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"bot", "desk", "balancer", "postgres", "redis"}
    assert services["bot"]["deploy"]["replicas"] == 2
    for name in ("bot", "desk"):
        assert {each: how["condition"] for each, how in services[name]["depends_on"].items()} == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_has_no_more_than_it_needs(name: str) -> None:
    service = COMPOSE["services"][name]
    assert re.search(r":(?!latest)[\w.-]+$", service["image"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert not {"privileged", "network_mode", "pid", "ipc"} & service.keys()
    assert name == "postgres" or service["read_only"] is True
    for port in service.get("ports", ()):
        assert port.startswith("127.0.0.1:"), "TLS comes before the balancer; nothing is opened to the world by itself"
    if name in ("postgres", "redis"):
        assert service["networks"] == ["inside"]
        assert not service.get("ports")
    for mount in service.get("volumes", ()):
        source = mount.split(":")[0]
        assert (DEPLOY / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]


def test_what_people_told_never_reaches_redis_disk() -> None:
    command = COMPOSE["services"]["redis"]["command"]
    assert command[command.index("--save") + 1] == ""
    assert command[command.index("--appendonly") + 1] == "no"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert not COMPOSE["services"]["redis"].get("volumes")


def test_settings_exist_and_secrets_are_asked_for() -> None:
    for name in ("bot", "desk"):
        environment = COMPOSE["services"][name]["environment"]
        assert set(environment) <= KNOWN | OTHERS
        for variable, value in environment.items():
            if re.search(r"KEY|TOKEN|SECRET|PASSWORD", variable):
                assert value.startswith("${"), f"{variable} stands in the file"
    assert COMPOSE["networks"]["inside"]["internal"] is True
    runbook = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for wanted in re.findall(r"\$\{(\w+):\?", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")):
        assert f"`{wanted}`" in runbook


def test_the_balancer_shows_slack_alone() -> None:
    conf = (DEPLOY / "balancer.conf").read_text(encoding="utf-8")
    assert re.findall(r"location (\S+) {", conf) == ["/slack/", "/"]
    assert "location / { return 404; }" in conf
    assert "access_log off" in conf
    assert conf.count("{") == conf.count("}")


# -- Kubernetes ------------------------------------------------------------------------------------------------------


def of(kind: str) -> list[dict[str, Any]]:
    return [each for each in OBJECTS if each["kind"] == kind]


def test_kubernetes_objects_belong_together() -> None:
    (deployment,), (service,), (budget,), (ingress,) = map(
        of, ("Deployment", "Service", "PodDisruptionBudget", "Ingress")
    )
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"].items()
    (account,), (secret,) = of("ServiceAccount"), of("Secret")
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        budget["spec"]["selector"]["matchLabels"],
        *(policy["spec"]["podSelector"].get("matchLabels", {}) for policy in of("NetworkPolicy")),
    ]
    assert all(selector.items() <= labels for selector in selectors)
    assert budget["spec"]["minAvailable"] < deployment["spec"]["replicas"], "else no node can ever be drained"
    assert template["spec"]["serviceAccountName"] == account["metadata"]["name"]
    (container,) = template["spec"]["containers"]
    assert container["envFrom"] == [{"secretRef": {"name": secret["metadata"]["name"]}}]
    ports = {port["name"] for port in container["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["path"] == ("/readyz" if probe == "readinessProbe" else "/healthz")
        assert asked["port"] in ports
    assert service["spec"]["ports"][0]["targetPort"] in ports
    path = ingress["spec"]["rules"][0]["http"]["paths"][0]
    assert path["path"] == "/slack"
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        each["name"] for each in template["spec"]["volumes"]
    }
    assert all(each["metadata"].get("namespace", "raise-bot") == "raise-bot" for each in OBJECTS)
    assert set(secret["stringData"]) <= KNOWN | OTHERS
    assert {each["name"] for each in container["env"]} <= KNOWN


def test_a_pod_may_do_nothing_it_need_not() -> None:
    (deployment,) = of("Deployment")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" in DOCKERFILE
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert pod["terminationGracePeriodSeconds"] >= 10 + 5 + 5


def test_everything_is_closed_before_anything_is_opened() -> None:
    closed = next(each for each in of("NetworkPolicy") if each["metadata"]["name"] == "nothing-else")
    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    world = [
        block["ipBlock"]
        for policy in of("NetworkPolicy")
        for rule in policy["spec"].get("egress", ())
        for block in rule["to"]
        if "ipBlock" in block
    ]
    assert world
    assert "169.254.0.0/16" in world[0]["except"], "the cloud's metadata is nobody's to ask"


# -- systemd ---------------------------------------------------------------------------------------------------------


def test_the_unit_shuts_the_machine_out() -> None:
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case: the module's own recipe
    unit.read(DEPLOY / "raise-bot.service", encoding="utf-8")
    service = unit["Service"]
    for name, value in {
        "DynamicUser": "yes",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "LimitCORE": "0",
        "CapabilityBoundingSet": "",
        "RestartPreventExitStatus": "2",
        "KillSignal": "SIGTERM",
    }.items():
        assert service[name] == value, name
    assert service["ExecStart"].endswith("/raise-bot run")
    assert int(service["TimeoutStopSec"]) >= 20


def test_systemd_itself_reads_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on the PATH")
    text = (DEPLOY / "raise-bot.service").read_text(encoding="utf-8")
    unit = tmp_path / "raise-bot.service"
    unit.write_text(re.sub(r"^(Exec\w+=)\S+.*$", r"\1/bin/true", text, flags=re.MULTILINE), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "raise-bot.service" in line] == []
