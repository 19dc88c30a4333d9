"""Files stay whole, and whoever works on them is alone, until its process ends in whatever way."""

import subprocess
import sys
import threading

import pytest

from actlab.files import locked, replace

HOLD = """
import sys, time
from pathlib import Path
from actlab.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def lock(tmp_path):
    return tmp_path / ".lock"


@pytest.fixture
def holder(lock):
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, lock], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_file_is_replaced_with_its_mode(tmp_path):
    path = tmp_path / "a file"
    for data, mode in ((b"old", 0o600), (b"new", 0o644)):
        replace(path, data, mode)
        assert path.read_bytes() == data and path.stat().st_mode & 0o777 == mode
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    path = tmp_path / "a file"
    replace(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.chmod", full)
    with pytest.raises(OSError, match="No space"):
        replace(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file that was open just then
def test_ctrl_c_at_any_step_leaves_a_whole_file_and_no_draft(tmp_path):
    path = tmp_path / "a file"
    found, step, over = [], 0, False
    while not over:
        replace(path, b"old")
        steps = iter(range(step))

        def stop(frame, event, _, left=steps):
            if event == "line" and next(left, None) is None:
                sys.settrace(None)
                raise KeyboardInterrupt
            return stop

        sys.settrace(stop)
        try:
            replace(path, b"new")
            over = True
        except KeyboardInterrupt:
            step += 1
        finally:
            sys.settrace(None)
        found.append(path.read_bytes())
        assert list(tmp_path.iterdir()) == [path], step
    assert set(found) == {b"old", b"new"} and len(found) > 10


def test_a_folder_that_is_missing_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        replace(tmp_path / "nowhere" / "a file", b"")
    assert missing.value.filename == str(tmp_path / "nowhere" / "a file")


def test_one_waits_for_the_other_and_says_so(lock, holder):
    told = threading.Event()

    def waiting():
        told.set()
        holder.terminate()

    with locked(lock, waiting):
        assert holder.wait() != 0 and told.is_set()


def test_a_free_lock_waits_for_nobody_and_can_be_taken_again(lock):
    for _ in range(2):
        with locked(lock, waiting=lambda: pytest.fail("there is nobody to wait for")):
            pass


def test_the_lock_ends_with_its_process_however_that_ends(lock, holder):
    holder.kill()
    holder.wait()
    with locked(lock, waiting=lambda: pytest.fail("nobody holds it any more")):
        pass


def test_it_ends_with_an_error_inside(lock):
    with pytest.raises(ZeroDivisionError), locked(lock):
        raise ZeroDivisionError
    with locked(lock, waiting=lambda: pytest.fail("nobody holds it any more")):
        pass


def test_patience_ends(lock, holder):
    done = []
    with locked(lock, patience=0.05):
        done.append(holder.poll())
    assert done == [None]


def test_a_disk_without_locks_is_an_error_unless_patience_is_limited(lock, monkeypatch):
    def no_locks(*_, **__):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    with pytest.raises(OSError, match="No locks"), locked(lock):
        pass
    done = []
    with locked(lock, patience=0.05):
        done.append("went on")
    assert done


def test_a_lock_is_its_owners_alone(lock):
    with locked(lock):
        assert lock.stat().st_mode & 0o777 == 0o600
