"""The files of the deployment promise what they should: read here, run by docker-compose elsewhere."""

import fnmatch
import re
from typing import Any

import pytest
import yaml

from tests.deploy.front_door import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
TLS: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.tls.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("auth", "api", "worker", "migrate")
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()

each_service = pytest.mark.parametrize("name", SERVICES)


def test_there_are_the_seven() -> None:
    assert set(SERVICES) == {*OURS, "postgres", "redis", "nginx"}


@each_service
def test_each_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "network_mode" not in service
    assert service["mem_limit"] and service["pids_limit"]
    assert service["logging"]["options"]["max-size"]


@each_service
def test_each_is_started_again_but_the_one_that_runs_once(name: str) -> None:
    assert SERVICES[name]["restart"] == ("no" if name == "migrate" else "unless-stopped")


@each_service
def test_none_is_root(name: str) -> None:
    service = SERVICES[name]
    if name == "redis":  # its entry point lays root down by itself, and may do nothing else
        assert "user" not in service
        assert set(service["cap_add"]) == {"SETGID", "SETPCAP", "SETUID"}
    else:
        assert service["user"].split(":")[0] not in ("", "0", "root")
        assert "cap_add" not in service


@each_service
def test_images_are_pinned(name: str) -> None:
    assert not SERVICES[name]["image"].endswith(":latest") and ":" in SERVICES[name]["image"]


def test_only_nginx_can_be_reached_and_from_this_machine_only_unless_told() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["nginx"]
    assert SERVICES["nginx"]["ports"] == ["${BAILIWICK_HTTP_ADDRESS:-127.0.0.1}:${BAILIWICK_HTTP_PORT:-8080}:8080"]


def test_what_is_stored_has_no_way_out_and_strangers_no_way_in() -> None:
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inner"]
    assert SERVICES["nginx"]["networks"] == ["edge"]
    assert all("edge" not in SERVICES[name]["networks"] for name in OURS)


def test_one_image_serves_four() -> None:
    assert len({SERVICES[name]["image"] for name in OURS}) == 1


def test_the_database_is_brought_up_to_date_once_and_first() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("auth", "api", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("secret", ["BAILIWICK_SECRET_KEY", "POSTGRES_PASSWORD"])
def test_a_secret_must_be_given_and_its_lack_is_said_clearly(secret: str) -> None:
    asked = re.findall(rf"\$\{{{secret}([^}}]*)\}}", (ROOT / "docker-compose.yml").read_text())
    assert asked
    assert set(asked) == {f":?{secret} must be set in .env, see deploy/env.example"}
    example = (ROOT / "deploy/env.example").read_text()
    assert re.search(rf"^{secret}=$", example, re.MULTILINE)


def test_every_variable_is_in_the_example() -> None:
    texts = (ROOT / "docker-compose.yml").read_text() + (ROOT / "deploy/compose.tls.yml").read_text()
    named = set(re.findall(r"\$\{([A-Z_]+)", texts)) | {
        key for key, value in SERVICES["auth"]["environment"].items() if value is None
    }
    example = (ROOT / "deploy/env.example").read_text()
    assert [name for name in sorted(named) if f"{name}=" not in example] == []


def test_every_part_but_the_silent_ones_has_a_health_check() -> None:
    assert {name for name in SERVICES if SERVICES[name].get("healthcheck", {}).get("disable")} == {"worker", "migrate"}
    assert all("test" in SERVICES[name]["healthcheck"] for name in ("postgres", "redis", "nginx"))
    assert "HEALTHCHECK" in DOCKERFILE


def test_the_image_is_built_in_two_stages_from_hashed_requirements_and_runs_as_nobody_special() -> None:
    base, *stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)
    assert "ARG BASE=python:3.13-slim" in base
    assert len(stages) == 2
    installs = re.findall(r"pip (?:--python \S+ )?(?:install|wheel) [^\n]*", stages[0])
    assert all("--require-hashes" in line or "--no-index" in line for line in installs) and len(installs) == 4
    assert "pip" not in stages[1] and "apt" not in stages[1]
    assert "USER 10001:10001" in stages[1]


def test_only_what_the_image_copies_is_sent_to_the_builder() -> None:
    first, *rest = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert first == "*"
    sent = [line[1:] for line in rest if line.startswith("!")]
    copied = [source for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for source in line.split()[:-1]]
    assert sorted(copied) == sorted(sent)
    assert not any(fnmatch.fnmatch(".env", pattern) or fnmatch.fnmatch("var", pattern) for pattern in sent)


def test_https_only_exchanges_what_nginx_listens_on() -> None:
    assert set(TLS["services"]) == {"nginx"}
    assert set(TLS["services"]["nginx"]) == {"ports", "volumes"}
    assert TLS["services"]["nginx"]["ports"] == ["80:8080", "443:8443"]
