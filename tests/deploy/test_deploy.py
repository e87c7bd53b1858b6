"""The files of deploy/ name what there is: commands, options, settings, metrics; and the programs that read them do."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from slotport.api.metrics import Metrics
from slotport.cli import app
from slotport.settings import CONFIG, PREFIX, Settings
from slotport.storage.monitoring import Figures

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted((DEPLOY / "systemd").iterdir())
YAML = [path for path in FILES if path.suffix == ".yaml"]


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def variables() -> set[str]:
    secret = {item.name for item in fields(Settings) if item.metadata["secret"]}
    names = {item.name for item in fields(Settings)} | {f"{name}_file" for name in secret}
    return {f"{PREFIX}{name.upper()}" for name in names} | {CONFIG}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bSLOTPORT_[A-Z0-9_]+", path.read_text()))

    assert named <= variables()


def commands() -> Iterator[list[str]]:
    """The arguments with which files of deploy/ call the program."""
    for path in UNITS:
        yield from (words.split() for words in re.findall(r"bin/slotport ([\w/ -]+)", path.read_text()))
    for service in documents(DEPLOY / "compose.yaml")[0]["services"].values():
        if service.get("image") == "slotport":
            yield service["command"]
    for text in re.findall(r"args: (\[.*\])", (DEPLOY / "kubernetes.yaml").read_text()):
        yield json.loads(text)
    yield json.loads(re.findall(r"^CMD (\[.*\])", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)[-1])


def test_each_command_and_option_that_is_called_exists() -> None:
    known: Any = typer.main.get_command(app)
    found = list(commands())

    assert len(found) > 8
    for name, *words in found:
        options = {option for parameter in known.commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_can_be_read(path: Path) -> None:
    assert all(isinstance(document, dict) for document in documents(path))


def test_what_the_container_copies_is_there() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)", text, re.MULTILINE) for word in line.split()[:-1]]

    assert copied
    assert [name for name in copied if not (DEPLOY.parent / name).exists()] == []
    assert re.findall(r"^([A-Z]+) ", text, re.MULTILINE)[0] == "FROM"
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)


def test_compose_names_secrets_and_volumes_that_it_declares() -> None:
    compose = documents(DEPLOY / "compose.yaml")[0]
    used = {name for service in compose["services"].values() for name in service.get("secrets", [])}
    mounted = {
        volume.partition(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])
    }

    assert used <= set(compose["secrets"])
    assert {name for name in mounted if not name.startswith(".")} <= set(compose["volumes"])
    assert {name for service in compose["services"].values() for name in service.get("depends_on", {})} <= set(
        compose["services"]
    )


def test_compose_mounts_files_where_the_container_may_write() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    compose = documents(DEPLOY / "compose.yaml")[0]

    # a new volume gets the owner of the folder that the image has in its place
    assert compose["services"]["server"]["volumes"] == ["files:/files"]
    assert re.search(r"install --directory --owner=slotport .*/files$", text, re.MULTILINE)


def test_kubernetes_selects_what_it_labels() -> None:
    found = documents(DEPLOY / "kubernetes.yaml")
    by_kind = {(one["kind"], one["metadata"]["name"]): one for one in found}

    labels = []
    for kind, _ in by_kind:
        assert kind in {
            "ConfigMap",
            "Job",
            "Deployment",
            "Service",
            "CronJob",
            "PersistentVolumeClaim",
        }
    for (kind, _), one in by_kind.items():
        if kind == "Deployment":
            assert one["spec"]["selector"]["matchLabels"] == one["spec"]["template"]["metadata"]["labels"]
            labels.append(one["spec"]["selector"]["matchLabels"])
    assert by_kind["Service", "slotport"]["spec"]["selector"] in labels


def metric_names() -> set[str]:
    figures = Figures(
        runs_waiting=1,
        runs_working=1,
        longest_wait_seconds=1,
        deliveries_waiting=1,
        deliveries_failed=1,
        overdue_seconds=1,
        workers=1,
        beat_seconds=1,
        late=(1,),
    )
    metrics = Metrics()
    metrics.note("v1", "GET", 200, 0.1)
    metrics.imported.labels("created").inc()
    metrics.exported.labels("ical").inc()
    return set(re.findall(r"^(slotport_\w+)", metrics.text(figures).decode(), re.MULTILINE))


@pytest.mark.parametrize("name", ["prometheus.yaml", "grafana.json"])
def test_each_metric_that_is_watched_exists(name: str) -> None:
    text = (DEPLOY / name).read_text()
    expressions = (
        [rule["expr"] for rule in documents(DEPLOY / name)[0]["groups"][0]["rules"]]
        if name.endswith(".yaml")
        else [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
    )

    assert len(expressions) > 8
    assert {word for one in expressions for word in re.findall(r"slotport_\w+", one)} <= metric_names()
    assert all(one.count("(") == one.count(")") for one in expressions)


def test_all_units_run_as_one_user_since_they_share_a_folder() -> None:
    found = {
        unit.name: re.findall(r"^(?:User|DynamicUser|Environment)=(.*)", unit.read_text(), re.MULTILINE)
        for unit in UNITS
    }
    services = [words for name, words in found.items() if name.endswith(".service")]

    assert services == [["SLOTPORT_DATA=/var/lib/slotport", "slotport", "yes"]] * 4


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    for unit in UNITS:  # it complains of programs that are not there
        text = unit.read_text().replace("/opt/slotport/bin/slotport", "/bin/true")
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{tmp_path}:/usr/lib/systemd/system:/lib/systemd/system"},
    )

    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "slotport" in line] == []
