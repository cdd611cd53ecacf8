"""What is written in the event loop, beside the thread that may wait for the disk and for other writers."""

import sqlite3
from contextlib import closing

import pytest

from bot.event_log import EventLog
from bot.tracker_store import APPENDED_A_CHECKPOINT


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tracker.db"


@pytest.fixture
def log(path):
    with closing(EventLog(path)) as log:
        yield log


def writer_beside(path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return closing(other)


def test_what_is_written_at_once_stands_beside_what_the_thread_writes_in_order(log):
    assert log.append_at_once("c-1", ["1", "2"])
    log.append("c-1", ["3"])
    assert log.append_at_once("c-1", ["4"])
    assert log.all_events("c-1") == ("1", "2", "3", "4")


def test_while_another_process_writes_nothing_is_written_at_once_and_nobody_waits(log, path):
    with writer_beside(path):
        assert not log.append_at_once("c-1", ["1"], "[]")
    assert log.all_events("c-1") == ()
    assert log.append_at_once("c-1", ["1"], "[]")
    assert (log.recent("c-1").snapshot, log.all_events("c-1")) == ("[]", ("1",))


def test_a_fault_that_is_no_other_writer_is_told_and_leaves_nothing_half_written(log):
    with pytest.raises(sqlite3.Error):
        log.append_at_once("c-1", ["1", None])
    assert log.append_at_once("c-1", ["2"])
    assert log.all_events("c-1") == ("2",)


def test_a_turn_that_meets_another_writer_is_on_disk_before_it_is_answered(bot, tmp_path):
    import threading

    beside = sqlite3.connect(tmp_path / "tracker.db", isolation_level=None, check_same_thread=False)
    beside.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, lambda: beside.execute("COMMIT")).start()
    bot.say("hello")
    rows = beside.execute("SELECT data FROM events").fetchall()
    beside.close()
    assert len(rows) == len(bot.tracker().events)


def test_the_log_is_copied_into_the_file_now_and_then(log, path):
    text = "x" * 2_000
    for _ in range(APPENDED_A_CHECKPOINT):
        log.append_at_once("c-1", [text])
    before = path.stat().st_size
    log.checkpoint()
    assert path.stat().st_size > before + APPENDED_A_CHECKPOINT * len(text) / 2
    written = path.with_name(path.name + "-wal").stat().st_size
    for _ in range(APPENDED_A_CHECKPOINT // 2):
        log.append_at_once("c-1", [text])
    assert path.with_name(path.name + "-wal").stat().st_size == written, "the log begins anew"
