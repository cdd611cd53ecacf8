"""How Rasa gets its token: from the environment, never from a command line that others can read."""

from __future__ import annotations

import argparse
import runpy
import sys

import pytest

from warmline import rasa_server


@pytest.mark.parametrize("token", ["abc", "-abc", "--abc-def"])
def test_rasa_is_given_the_token_whatever_it_begins_with(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    ran: list[str] = []
    monkeypatch.setattr(runpy, "run_module", lambda name, run_name: ran.append(name))
    monkeypatch.setattr(sys, "argv", ["rasa_server.py", "run", "-p", "5005"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv(rasa_server.TOKEN, token)

    rasa_server.main()

    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("-p")
    parser.add_argument("-t", "--auth-token")
    read = parser.parse_args(sys.argv[1:])
    assert (ran, read.command, read.p, read.auth_token) == (["rasa"], "run", "5005", token)


def test_without_a_token_rasa_is_asked_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runpy, "run_module", lambda name, run_name: None)
    monkeypatch.setattr(sys, "argv", ["rasa_server.py", "shell"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv(rasa_server.TOKEN, raising=False)

    rasa_server.main()

    assert sys.argv == ["rasa", "shell"]
