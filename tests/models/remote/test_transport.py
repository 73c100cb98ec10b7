"""Who may vouch for a server."""

from __future__ import annotations

from pathlib import Path

import pip._vendor.certifi as certifi
import pytest

from rlm_desktop.config import Settings
from rlm_desktop.models.base import ModelError
from rlm_desktop.models.registry import resolve
from rlm_desktop.models.remote.endpoint import Endpoint
from rlm_desktop.models.remote.transport import Client, authorities


def at(address: str, settings: Settings) -> Endpoint:
    endpoint = resolve(f"{address}#tiny", settings).endpoint
    assert endpoint is not None
    return endpoint


def test_an_own_authority_vouches_for_a_server_here(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = at("https://127.0.0.1:8443/v1", settings)
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert len(authorities(here).get_ca_certs()) > 50
    assert authorities(at("http://127.0.0.1:8080/v1", settings)).get_ca_certs() == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "own.pem"
    if content:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ModelError, match="SSL_CERT_FILE"):
        Client(at("https://127.0.0.1:8443/v1", settings), "", 1.0)
