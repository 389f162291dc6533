import _thread
import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress

import pytest

from noob_cli.results.writer import ResultFormat, ResultWriter
from tests.patience import PATIENCE, wait_until

jsonl, json_, pretty, none = map(ResultFormat, ("jsonl", "json", "pretty", "none"))


def ignore(message):
    raise AssertionError(message)


class File:
    """A file to write to, by descriptor."""

    def __init__(self, path, flags=0):
        self.path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | flags)

    def read(self):
        return self.path.read_bytes()


@pytest.fixture
def file(tmp_path):
    opened = File(tmp_path / "out")
    yield opened
    os.close(opened.descriptor)


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        with suppress(OSError):
            os.close(descriptor)


def read_soon(descriptor, timeout=PATIENCE):
    """What can be read, or nothing if nothing comes."""
    ready, _, _ = select.select([descriptor], [], [], timeout)
    return os.read(descriptor, 65536) if ready else b""


@pytest.mark.parametrize(
    ("result_format", "results", "text"),
    [
        (jsonl, [], b""),
        (jsonl, [1, {"a": [2]}, "ü"], '1\n{"a":[2]}\n"ü"\n'.encode()),
        (json_, [], b"[]\n"),
        (json_, [1], b"[1]\n"),
        (json_, [1, None, {"a": 2}], b'[1,\nnull,\n{"a":2}]\n'),
        (pretty, [{"a": 1}, 2], b'{\n  "a": 1\n}\n2\n'),
        (none, [1, object()], b""),
    ],
)
@pytest.mark.parametrize("flush_each", [False, True])
def test_formats(file, result_format, results, text, flush_each):
    writer = ResultWriter(file.descriptor, result_format, ignore)
    for result in results:
        writer.write(result)
        if flush_each:
            writer.flush()
    writer.flush()
    writer.close()
    writer.close()
    assert file.read() == text
    assert writer.results == len(results)
    assert writer.place.size == len(text)
    assert writer.results_written == (0 if result_format is none else len(results))


def test_a_result_may_change_afterwards(file):
    writer = ResultWriter(file.descriptor, jsonl, ignore)
    result = [0]
    for i in range(1000):
        result[0] = i
        writer.write(result)
    writer.close()
    assert file.read() == b"".join(b"[%d]\n" % i for i in range(1000))


@pytest.mark.parametrize("result_format", [jsonl, json_])
def test_many_results(file, result_format):
    writer = ResultWriter(file.descriptor, result_format, ignore)
    expected = []
    for i in range(100_000):
        writer.write({"a": i})
        expected.append({"a": i})
        if i % 10_007 == 0:
            writer.flush()
            assert writer.results_written == i + 1
            assert writer.place.size == os.fstat(file.descriptor).st_size
    writer.close()
    text = file.read()
    found = json.loads(text) if result_format is json_ else list(map(json.loads, text.splitlines()))
    assert found == expected
    assert writer.place.size == len(text)


def test_large_results(file):
    writer = ResultWriter(file.descriptor, jsonl, ignore)
    for i in range(5):
        writer.write(str(i) * 3_000_000)
    writer.close()
    assert [line[1:2] for line in file.read().splitlines()] == [b"0", b"1", b"2", b"3", b"4"]


def test_warnings_name_the_result(file):
    warnings = []
    writer = ResultWriter(file.descriptor, jsonl, warnings.append)
    for result in (1, object(), object()):
        writer.write(result)
    writer.close()
    assert len(warnings) == 1
    assert warnings[0].startswith("result 2: ")
    assert "object" in warnings[0]


# Visible soon


def test_the_first_result_is_visible_while_the_next_takes_long(pipe):
    reading, writing = pipe
    writer = ResultWriter(writing, jsonl, ignore)
    writer.write(1)
    assert read_soon(reading) == b"1\n"
    writer.close()


@pytest.mark.parametrize("result_format", [jsonl, json_])
def test_the_last_of_a_burst_is_visible_soon(pipe, result_format):
    reading, writing = pipe
    writer = ResultWriter(writing, result_format, ignore)
    for _ in range(3):
        for i in range(10):
            writer.write(i)
        text = b""
        while not text.endswith((b"9", b"9\n")):
            more = read_soon(reading)
            assert more
            text += more
        time.sleep(0.2)
    writer.close()


def test_visible_while_python_is_busy(pipe):
    reading, writing = pipe
    writer = ResultWriter(writing, jsonl, ignore)
    for i in range(20):
        writer.write(i)
    text = b""
    until = time.monotonic() + PATIENCE
    while not text.endswith(b"19\n") and time.monotonic() < until:
        text += read_soon(reading, 0)
    assert text.endswith(b"19\n")
    writer.close()


def test_few_results_are_visible_whoever_keeps_other_threads_from_running(file):
    """Functions of a PyDLL hold the lock that every other thread needs to run Python."""
    libc = ctypes.PyDLL(None)
    text = ctypes.create_string_buffer(20)
    seen = []
    writer = ResultWriter(file.descriptor, jsonl, ignore)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        for i in range(3):
            writer.write(i)
            # The system takes its time for the writing, which has begun.
            until = time.monotonic() + PATIENCE
            while text.value.count(b"\n") <= i and time.monotonic() < until:
                libc.usleep(1000)
                libc.pread(file.descriptor, text, 20, ctypes.c_long(0))
            seen.append(text.value)
    finally:
        sys.setswitchinterval(interval)
    writer.close()
    assert seen == [b"0\n", b"0\n1\n", b"0\n1\n2\n"]


def test_an_idle_writer_sleeps(pipe):
    writer = ResultWriter(pipe[1], jsonl, ignore)
    writer.write(1)
    # It takes a while until it does, and others of this process may be awake now and then.
    assert any(switches_meanwhile() < 8 for _ in range(20))
    writer.close()


def switches_meanwhile() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF)
    time.sleep(0.5)
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - before.ru_nvcsw


def test_close_is_quick(file):
    seconds = []
    for _ in range(50):
        writer = ResultWriter(file.descriptor, jsonl, ignore)
        writer.write(1)
        started = time.monotonic()
        writer.close()
        seconds.append(time.monotonic() - started)
    # Another process may take the time of each, but hardly of all.
    assert min(seconds) < 0.02
    assert file.read() == b"1\n" * 50


def test_no_thread_without_results(file):
    before = _thread._count()
    writer = ResultWriter(file.descriptor, jsonl, ignore)
    writer.flush()
    assert _thread._count() == before
    writer.close()


def test_the_thread_ends(file):
    before = _thread._count()
    writer = ResultWriter(file.descriptor, jsonl, ignore)
    writer.write(1)
    writer.close()
    wait_until(lambda: _thread._count() <= before)
    assert _thread._count() == before


# What goes wrong


def write_until_it_fails(writer):
    for _ in range(10_000):
        try:
            writer.write("x" * 10_000)
        except OSError as error:
            return error
    raise AssertionError("it did not fail")


def test_a_broken_pipe(pipe):
    reading, writing = pipe
    writer = ResultWriter(writing, jsonl, ignore)
    writer.write(1)
    writer.flush()
    os.close(reading)
    assert isinstance(write_until_it_fails(writer), BrokenPipeError)
    with pytest.raises(BrokenPipeError):
        writer.write(1)
    writer.flush()
    writer.close()
    assert writer.results_written == 1
    assert writer.place.size == 2


def test_flush_returns_when_all_is_written_or_has_failed(file, monkeypatch):
    """A disk that gets full, with threads that take turns as often as they can."""
    real_write = os.write
    room = [5]

    def write(descriptor, data):
        if not room[0]:
            raise OSError(28, "No space left on device")
        room[0] -= 1
        return real_write(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(300):
            room[0] = 3
            writer = ResultWriter(file.descriptor, jsonl, ignore)
            for i in range(3):
                writer.write(i)
                writer.flush()
                assert writer.results_written == i + 1
            with pytest.raises(OSError, match="No space left"):  # noqa: PT012 - the thread may be so quick
                writer.write(3)
                writer.flush()
            writer.close()
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("method", ["flush", "close"])
def test_errors_surface_once(pipe, method):
    reading, writing = pipe
    os.close(reading)
    writer = ResultWriter(writing, json_, ignore)
    with pytest.raises(BrokenPipeError):  # noqa: PT012 - the thread may be so quick that write fails
        writer.write(1)
        getattr(writer, method)()
    writer.flush()
    writer.close()
    writer.close()


def test_the_next_write_sees_an_error_at_once(pipe):
    reading, writing = pipe
    os.close(reading)
    writer = ResultWriter(writing, jsonl, ignore)
    with pytest.raises(BrokenPipeError):  # noqa: PT012 - the thread may be so quick that write fails
        writer.write(1)
        wait_until(lambda: writer._error is not None)
        # It sets the limit when it has noted its error.
        time.sleep(0.01)
        writer.write(2)
    writer.close()


def test_a_reader_that_leaves_while_a_write_waits(pipe):
    reading, writing = pipe
    writer = ResultWriter(writing, jsonl, ignore)
    timer = threading.Timer(0.3, os.close, [reading])
    timer.start()
    assert isinstance(write_until_it_fails(writer), BrokenPipeError)
    timer.join()
    writer.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("result_format", [jsonl, json_, pretty])
def test_a_full_device(result_format):
    descriptor = os.open("/dev/full", os.O_WRONLY)
    writer = ResultWriter(descriptor, result_format, ignore)
    with pytest.raises(OSError, match="No space left") as caught:  # noqa: PT012
        writer.write(1)
        writer.close()
    assert caught.value.errno == 28
    assert writer.results_written == 0
    assert writer.place.size == 0
    os.close(descriptor)


def test_a_closed_descriptor():
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    writer = ResultWriter(writing, jsonl, ignore)
    with pytest.raises(OSError, match="Bad file descriptor"):  # noqa: PT012
        writer.write(1)
        writer.close()


LIMITED = """
    import os, resource, sys
    from noob_cli.results.writer import ResultFormat, ResultWriter

    path, result_format, append = sys.argv[1:]
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else 0)
    descriptor = os.open(path, flags)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    writer = ResultWriter(descriptor, ResultFormat(result_format), print)
    try:
        for i in range(100_000):
            writer.write({"number": i})
        writer.close()
    except OSError as error:
        print(error.errno, writer.results_written, writer.place.size)
    writer.close()
"""


@pytest.mark.parametrize("result_format", [jsonl, json_, pretty])
@pytest.mark.parametrize("append", ["", "append"])
def test_a_full_disk_leaves_whole_results(tmp_path, result_format, append):
    path = tmp_path / "out"
    before = b"earlier\n" if append else b""
    path.write_bytes(before)
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), str(path), result_format, append],
        capture_output=True,
        check=True,
        text=True,
    )
    errno, results, size = map(int, run.stdout.split())
    assert errno == 27
    text = path.read_bytes()
    assert text.startswith(before)
    text = text.removeprefix(before)
    assert len(text) == size
    assert results > 100
    if result_format is json_:
        found = json.loads(text)
    elif result_format is jsonl:
        assert text.endswith(b"\n")
        found = list(map(json.loads, text.splitlines()))
    else:
        found = json.loads(b"[" + text.rstrip().replace(b"}\n{", b"},{") + b"]")
    assert found == [{"number": i} for i in range(results)]


@pytest.mark.parametrize("limit", range(14))
@pytest.mark.parametrize("flush_each", [False, True])
def test_an_array_is_closed_whatever_the_room(file, monkeypatch, limit, flush_each):
    """Results of one byte are the hardest: there is little room in the place of one."""
    real_write = os.write

    def write(descriptor, data):
        room = limit - os.fstat(descriptor).st_size
        if not room:
            raise OSError(28, "No space left on device")
        return real_write(descriptor, bytes(data[:room]))

    monkeypatch.setattr(os, "write", write)
    writer = ResultWriter(file.descriptor, json_, ignore)
    with suppress(OSError):
        for i in range(5):
            writer.write(i)
            if flush_each:
                writer.flush()
    with suppress(OSError):
        writer.close()

    # Each result takes three bytes, with the bracket before or the comma and the line's end behind it.
    text = file.read()
    assert (json.loads(text) == list(range(limit // 3))) if limit > 1 else (text == b"")
    assert writer.results_written == limit // 3
    assert writer.place.size == len(text)


def test_what_others_wrote_is_not_cut(tmp_path, monkeypatch):
    path = tmp_path / "out"
    file = File(path)
    writer = ResultWriter(file.descriptor, jsonl, ignore)

    def write_half(descriptor, data):
        real_write(descriptor, bytes(data[:3]))
        with path.open("ab") as other:
            other.write(b"other")
        monkeypatch.setattr(os, "write", fail)
        return 3

    def fail(descriptor, data):
        raise OSError(28, "No space left on device")

    real_write = os.write
    monkeypatch.setattr(os, "write", write_half)
    with pytest.raises(OSError, match="No space left"):  # noqa: PT012
        writer.write("abcdef")
        writer.close()
    assert file.read() == b'"abother'
    os.close(file.descriptor)


def test_short_writes(file, monkeypatch):
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real_write(fd, bytes(data[:3])))
    writer = ResultWriter(file.descriptor, json_, ignore)
    for i in range(100):
        writer.write({"a": i})
    writer.close()
    assert json.loads(file.read()) == [{"a": i} for i in range(100)]


def test_a_non_blocking_pipe(pipe):
    reading, writing = pipe
    os.set_blocking(writing, False)
    writer = ResultWriter(writing, jsonl, ignore)
    received = []

    def read():
        time.sleep(0.3)
        while sum(map(len, received)) < 1_000_000:
            received.append(os.read(reading, 65536))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(100):
        writer.write("x" * 9_997)
    writer.close()
    thread.join()
    assert b"".join(received) == (b'"' + b"x" * 9_997 + b'"\n') * 100


def test_memory_is_bounded_by_a_slow_reader(pipe):
    reading, writing = pipe
    writer = ResultWriter(writing, jsonl, ignore)
    written = []

    def write():
        try:
            for _ in range(10_000):
                writer.write("x" * 10_000)
                written.append(1)
        except BrokenPipeError:
            pass

    thread = threading.Thread(target=write)
    thread.start()
    wait_until(lambda: len(written) > 10)
    time.sleep(0.5)
    assert 10 < len(written) < 3_000
    os.close(reading)
    thread.join()
    writer.close()


def test_an_interruption_leaves_whole_results(file):
    """Signals during `write` neither lose nor repeat what was written."""

    class Interrupted(Exception):
        pass

    armed = []

    def interrupt(number, frame):
        if armed:
            armed.clear()
            raise Interrupted

    writer = ResultWriter(file.descriptor, json_, ignore)
    previous = signal.signal(signal.SIGALRM, interrupt)
    i = 0
    interruptions = 0
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        while interruptions < 300:
            try:
                armed.append(True)
                while True:
                    i += 1
                    writer.write(i)
            except Interrupted:
                interruptions += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    # Wherever that was: nothing is left locked, for which it would wait forever.
    closing = threading.Thread(target=writer.close, daemon=True)
    closing.start()
    closing.join(timeout=PATIENCE)
    assert not closing.is_alive()
    found = json.loads(file.read())
    assert found == sorted(set(found))
    assert i - len(found) <= 2 * interruptions


def test_waiting_for_a_stuck_reader_can_be_interrupted(pipe):
    _, writing = pipe
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096) if hasattr(fcntl, "F_SETPIPE_SZ") else None
    writer = ResultWriter(writing, jsonl, ignore)
    writer.write("x" * 1_000_000)

    def interrupt(number, frame):
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            writer.close()
    finally:
        signal.signal(signal.SIGALRM, previous)
    os.close(pipe[0])
    with pytest.raises(BrokenPipeError):
        writer.close()


def test_a_file_is_completed_before_an_interruption_is_raised(file, monkeypatch):
    real_write = os.write

    def write(descriptor, data):
        time.sleep(0.02)
        return real_write(descriptor, bytes(data[:3]))

    def interrupt(number, frame):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", write)
    previous = signal.signal(signal.SIGALRM, interrupt)
    writer = ResultWriter(file.descriptor, json_, ignore)
    writer.write("x" * 50)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        with pytest.raises(KeyboardInterrupt):
            writer.close()
        signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert json.loads(file.read()) == ["x" * 50]


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_writes_nothing(file):
    writer = ResultWriter(file.descriptor, jsonl, ignore)
    writer.write(1)
    time.sleep(0.02)
    writer.write(2)
    child = os.fork()
    if not child:
        writer.close()
        os._exit(0)
    deadline = time.monotonic() + PATIENCE
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.01)
    writer.close()
    assert file.read() == b"1\n2\n"


def test_what_a_checkpoint_covers_is_not_taken_back_to_close_an_array(file, monkeypatch):
    def write(descriptor, data):
        raise OSError(28, "No space left on device")

    writer = ResultWriter(file.descriptor, json_, ignore)
    for i in range(3):
        writer.write(i)
    writer.sync()
    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space left"):  # noqa: PT012
        writer.write(3)
        writer.close()

    assert file.read() == b"[0,\n1,\n2"


def test_an_array_is_gone_on_with(file):
    os.write(file.descriptor, b"[0,\n1")
    writer = ResultWriter(file.descriptor, json_, ignore)
    writer.go_on_after(2, 5)
    writer.write(2)
    writer.close()

    assert file.read() == b"[0,\n1,\n2]\n"
    assert (writer.results, writer.results_written, writer.place.size) == (3, 3, len(file.read()))
