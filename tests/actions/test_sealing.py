"""Secrets at rest: only who has the key reads them, and keys can be changed."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from slotport.actions.sealing import KEY_FILE, WrongKey, sealed, unsealed
from slotport.settings import Settings

OLD, NEW = "old" * 12, "new" * 12


def test_what_was_sealed_is_read_again_and_does_not_show(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    stored = {name: sealed(settings, secret) for name, secret in {"password": "hunter2", "passphrase": "ü\n"}.items()}

    assert unsealed(settings, stored) == {"password": "hunter2", "passphrase": "ü\n"}
    assert "hunter2" not in str(stored)
    assert sealed(settings, "hunter2") != stored["password"]
    assert unsealed(settings, {}) == {}


def test_the_key_lies_in_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    sealed(Settings(data=tmp_path / "deep" / "data"), "hunter2")
    file = tmp_path / "deep" / "data" / KEY_FILE

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == [KEY_FILE]
    assert len(file.read_text().strip()) >= 32


def test_an_older_key_still_opens_and_a_newer_one_seals(tmp_path: Path) -> None:
    before, both, after = (Settings(data=tmp_path, secret_key=key) for key in (OLD, f"{NEW} {OLD}", NEW))
    old = {"password": sealed(before, "hunter2")}
    new = {"password": sealed(both, "hunter3")}

    assert unsealed(both, old) == {"password": "hunter2"}
    assert unsealed(after, new) == {"password": "hunter3"}
    with pytest.raises(WrongKey):
        unsealed(after, old)
    with pytest.raises(WrongKey):
        unsealed(before, new)
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("text", ["", "hunter2", "gAAAAA", "ü"])
def test_what_nobody_sealed_is_said_to_have_another_key(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongKey) as refused:
        unsealed(Settings(data=tmp_path), {"password": text})

    assert text not in str(refused.value) or not text


def test_processes_that_begin_together_make_one_key(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        stored = pool.starmap(sealed, [(settings, f"secret {number}") for number in range(8)])

    assert [unsealed(settings, {"password": one}) for one in stored] == [
        {"password": f"secret {number}"} for number in range(8)
    ]
    assert [one.name for one in tmp_path.iterdir()] == [KEY_FILE]
