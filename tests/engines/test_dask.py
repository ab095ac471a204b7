"""The Dask engine, on real clusters of several processes: what it says is what the local engine says."""

import gzip
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from distributed import Client, WorkerPlugin

from mlops_task import __version__
from mlops_task.config import Config
from mlops_task.engines import dask as dask_engine
from mlops_task.engines import work
from mlops_task.engines.dask import _sentences
from mlops_task.engines.local import Local
from mlops_task.engines.results import Engine, Item, Read, Result
from mlops_task.errors import ClusterError
from mlops_task.inputs import protocol
from tests.test_cli import ROOT, Folder

SAMPLE = ROOT / "data.csv"
CONFIG = Config(seed=42, window=5, version="v1")
LIMIT_SECONDS = 60
Told = tuple[str, object, str]


class Sizes(WorkerPlugin):
    """Sets how large partitions and blocks are, on every worker that there is or will be."""

    name = "sizes"

    def __init__(self, partition: int, block: int) -> None:
        self.partition, self.block = partition, block

    def __repr__(self) -> str:
        return f"{self.partition}-{self.block}"

    def setup(self, worker: object) -> None:  # noqa: ARG002 - Dask's protocol
        work.BLOCKS = -(-self.partition // self.block)
        protocol.BLOCK_BYTES = self.block


NORMAL = Sizes(work.BLOCKS * protocol.BLOCK_BYTES, protocol.BLOCK_BYTES)


def start(stack: ExitStack, *command: str, pythonpath: str = str(ROOT)) -> "subprocess.Popen[bytes]":
    """A process of a cluster that ends with `stack`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *command],
        env={**os.environ, "PYTHONPATH": pythonpath},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(process.wait, LIMIT_SECONDS)
    stack.callback(process.terminate)
    return process


def start_scheduler(stack: ExitStack, folder: Path) -> tuple[str, "subprocess.Popen[bytes]"]:
    file = folder / "scheduler.json"
    process = start(
        stack, "scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={file}"
    )
    for _ in range(LIMIT_SECONDS * 20):
        if file.exists() and file.read_bytes():
            return json.loads(file.read_bytes())["address"], process
        time.sleep(0.05)
    raise AssertionError("the scheduler did not start")


def start_worker(stack: ExitStack, address: str, folder: Path, *, pythonpath: str = str(ROOT)) -> None:
    flags = ("--host=127.0.0.1", "--nthreads=1", "--no-dashboard", f"--local-directory={folder}")
    start(stack, "worker", address, *flags, pythonpath=pythonpath)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A scheduler and two workers, processes of their own, as an administrator starts them."""
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack:
        address, _ = start_scheduler(stack, folder)
        for _ in range(2):
            start_worker(stack, address, folder)
        with Client(address, timeout=LIMIT_SECONDS, set_as_default=False) as client:
            client.wait_for_workers(2, LIMIT_SECONDS)
            yield client


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.config.write_text('seed: 42\nwindow: 5\nversion: "v1"\n')
    folder.data = SAMPLE
    return folder


def address(cluster: Client) -> str:
    return str(cluster.scheduler_info()["address"])


def told(engine: Engine, names: list[str], config: Config) -> list[Told]:
    results = [item for item in engine.results(names, config) if isinstance(item, Result)]
    results.sort(key=lambda result: result.index)
    return [
        (name, None if one.found.error else one.found.summary, str(one.found.error))
        for name, one in zip(names, results, strict=True)
    ]


def local(names: list[str], config: Config = CONFIG) -> list[Told]:
    with Local(1) as engine:
        return told(engine, names, config)


def dask(cluster: Client, names: list[str], config: Config = CONFIG, sizes: Sizes = NORMAL) -> list[Told]:
    cluster.register_plugin(sizes)
    return on_cluster(address(cluster), names, config)


def on_cluster(address: str, names: list[str], config: Config = CONFIG) -> list[Told]:
    with dask_engine.dask(address, 1) as engine:
        return told(engine, names, config)


def notes(rows: int, *, bad: int | None = None) -> str:
    """A CSV text where every other field has line breaks, commas and quotes in it."""
    dice = random.Random(rows)  # noqa: S311 - nothing secret
    lines = ["note,close,more\n"]
    for row in range(rows):
        note = "".join(dice.choices(["\n", ",", '""', "word ", "1.5,2.5,3.5\n"], k=dice.randint(0, 12)))
        close = "bad" if row == bad else f"{dice.randint(9000, 11000) / 100}"
        more = dice.choice(["x", "\n\n"])
        lines.append(f'"{note}",{close},"{more}"\n')
    return "".join(lines)


TINY = [Sizes(700, 90), Sizes(4000, 4000)]


@pytest.mark.parametrize(
    ("sizes", "window"), [(TINY[0], 1), (TINY[0], 300), (TINY[1], 5), (Sizes(60, 60), 5)], ids=repr
)
def test_partitions_cut_inside_quoted_fields_change_nothing(
    cluster: Client, tmp_path: Path, sizes: Sizes, window: int
) -> None:
    path = tmp_path / "notes.csv"
    path.write_text(notes(400))
    config = Config(seed=1, window=window, version="v1")
    assert dask(cluster, [str(path)], config, sizes) == local([str(path)], config)


@pytest.mark.parametrize("sizes", TINY, ids=repr)
def test_an_error_is_the_first_one_with_its_line_however_small_partitions_are(
    cluster: Client, tmp_path: Path, sizes: Sizes
) -> None:
    texts = {
        "bad": notes(300, bad=200),
        "two": notes(300, bad=100) + "x,worse,y\n",
        "open": notes(300) + '"never ends,1.5,x\n' + "x,1.5,y\n" * 100,
        "fields": notes(200) + "1,2,3,4\n" + notes(100, bad=50),
    }
    paths = [tmp_path / f"{name}.csv" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    names = [str(path) for path in paths]
    expected = local(names)
    assert all("line " in error for _, _, error in expected)
    assert dask(cluster, names, sizes=sizes) == expected


def test_every_kind_of_file_gives_what_the_local_engine_gives(cluster: Client, tmp_path: Path) -> None:
    table = pa.csv.read_csv(SAMPLE)
    pq.write_table(table, tmp_path / "groups.parquet", row_group_size=777)
    pa.feather.write_feather(table, tmp_path / "bars.feather", chunksize=1000)
    (tmp_path / "bars.csv.gz").write_bytes(gzip.compress(SAMPLE.read_bytes()))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(SAMPLE.read_bytes())[:-1000])
    (tmp_path / "short.csv").write_text("close\n1\n")
    (tmp_path / "empty.csv").write_text("close\n")
    (tmp_path / "other.csv").write_text("open\n1\n")
    names = [str(SAMPLE), *map(str, sorted(tmp_path.iterdir())), str(tmp_path / "gone.csv"), str(tmp_path)]
    expected = local(names)
    assert sum(error == "None" for _, _, error in expected) == 4
    for sizes in (NORMAL, Sizes(9000, 3000)):
        assert dask(cluster, names, sizes=sizes) == expected


def test_a_spreadsheet_export_gives_what_the_local_engine_gives(
    cluster: Client, spreadsheet_export: Path
) -> None:
    for sizes in (NORMAL, Sizes(20_000, 5000)):
        assert dask(cluster, [str(spreadsheet_export)], sizes=sizes) == local([str(spreadsheet_export)])


def test_paths_are_those_of_the_client(
    cluster: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bars.csv").write_bytes(SAMPLE.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert dask(cluster, ["bars.csv"]) == local(["bars.csv"])


def test_a_pipe_is_refused(cluster: Client, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ((_, _, error),) = dask(cluster, [str(tmp_path / "pipe")])
    assert error == "is not a regular file, which is what a cluster can read"


def test_a_worker_killed_in_the_middle_changes_nothing(cluster: Client, tmp_path: Path) -> None:
    cluster.wait_for_workers(2, LIMIT_SECONDS)
    cluster.register_plugin(Sizes(5000, 1000))
    victim = min(cluster.run(os.getpid).values())
    partitions_done = 0

    class Watched(dask_engine.Dask):
        def results(self, names: list[str], config: Config) -> Iterator[Item]:
            nonlocal partitions_done
            for item in super().results(names, config):
                partitions_done += isinstance(item, Read) and item.size > 0
                if partitions_done == 30 and psutil.pid_exists(victim):
                    os.kill(victim, signal.SIGKILL)
                yield item

    (tmp_path / "again.csv").write_bytes(SAMPLE.read_bytes())
    names = [str(SAMPLE), str(tmp_path / "again.csv")]
    assert told(Watched(cluster), names, CONFIG) == local(names)
    assert partitions_done > 60
    assert victim not in cluster.run(os.getpid).values()


def test_a_worker_with_another_version_is_found_out(cluster: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_engine, "__version__", "0.0")
    with pytest.raises(
        ClusterError, match=rf"worker tcp://.* has version {__version__}, expected version 0.0"
    ):
        dask(cluster, [str(SAMPLE)])


def test_a_cluster_that_cannot_do_the_job_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where workers find no code
    with ExitStack() as stack:
        address, process = start_scheduler(stack, tmp_path)
        monkeypatch.setattr(dask_engine, "IDLE_SECONDS", 0.5)
        with pytest.raises(ClusterError, match="the cluster has had no worker for 0 s"):
            on_cluster(address, [str(SAMPLE)])

        with ExitStack() as workers:
            start_worker(workers, address, tmp_path, pythonpath="")
            with Client(address, timeout=LIMIT_SECONDS, set_as_default=False) as client:
                client.wait_for_workers(1, LIMIT_SECONDS)
            with pytest.raises(ClusterError, match=r"has no code of the job \(No module named"):
                on_cluster(address, [str(SAMPLE)])

        monkeypatch.setattr(dask_engine, "IDLE_SECONDS", LIMIT_SECONDS)
        monkeypatch.setattr(dask_engine, "CONNECT_SECONDS", 2)
        timer = threading.Timer(1, process.kill)
        timer.start()
        with pytest.raises(ClusterError, match=f"scheduler {address} was lost during the run"):
            on_cluster(address, [str(SAMPLE)])


def test_a_scheduler_that_is_not_there_is_a_sentence(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_engine, "CONNECT_SECONDS", 0.5)
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert folder.run("--engine", "dask", "--scheduler", address) == 6
    message = str(folder.report()["error_message"])
    assert message.startswith(f"scheduler {address} cannot be reached: ")
    assert "\n" not in message
    assert folder.run("--engine", "dask", "--scheduler", "loft") == 6
    assert str(folder.report()["error_message"]).startswith("scheduler loft is no address")
    assert folder.run("--engine", "dask", "--scheduler", "carrier-pigeon://loft") == 6
    assert str(folder.report()["error_message"]).startswith("scheduler carrier-pigeon://loft is no address")


def test_a_local_cluster_breaks_down_and_keeps_going(folder: Folder) -> None:
    inputs = folder.path / "inputs"
    inputs.mkdir()
    (inputs / "a.csv").write_bytes(SAMPLE.read_bytes())
    (inputs / "b.csv").write_text("close\n1\nx\n")
    pq.write_table(pa.csv.read_csv(SAMPLE), inputs / "c.parquet", row_group_size=3000)
    folder.data = inputs
    lines = {}
    for engine in ("local", "dask"):
        table = folder.path / f"{engine}.json"
        job = folder.spawn("--breakdown", table, "--keep-going", "--engine", engine, "--threads", "2")
        _, errors = job.communicate(timeout=LIMIT_SECONDS)
        assert job.returncode == 0, errors
        assert "line 3: close is 'x', expected a number" in errors.decode()
        report = folder.report()
        assert (report["rows_processed"], report["value"]) == (20000, 0.5029)
        lines[engine] = table.read_text()
    assert lines["local"] == lines["dask"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_and_its_workers(folder: Folder, number: signal.Signals) -> None:
    inputs = folder.path / "inputs"
    inputs.mkdir()
    for i in range(4000):  # links would be one file
        (inputs / f"{i}.csv").write_text("close\n" + "1.5\n" * 10)
    folder.data = inputs
    job = folder.spawn("--engine", "dask", "--threads", "2", start_new_session=True)
    children: list[psutil.Process] = []
    for _ in range(LIMIT_SECONDS * 10):
        children = psutil.Process(job.pid).children(recursive=True)
        if sum(child.cpu_times().user > 1 for child in children if child.is_running()) >= 2:
            break
        time.sleep(0.1)
    if number == signal.SIGINT:
        os.killpg(job.pid, number)  # as the terminal does
    else:
        job.send_signal(number)
    _, errors = job.communicate(timeout=LIMIT_SECONDS)
    assert job.returncode == 128 + number
    assert folder.report()["error_message"] == f"interrupted by {number.name}"
    assert len(errors.splitlines()) == 1, errors.decode()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


REFUSED = {
    "--signals needs --engine local: a cluster returns counts, not rows": ("--signals", "s.csv"),
    "--engine dask needs files that every worker sees, got standard input": ("--input", "-"),
    "--threads is for a local cluster, and --scheduler names one that has its workers": (
        "--threads",
        "2",
        "--scheduler",
        "tcp://127.0.0.1:1",
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_the_engine_cannot_do_is_refused(folder: Folder, message: str) -> None:
    assert folder.run("--engine", "dask", *REFUSED[message]) == 2
    assert folder.report()["error_message"] == message


def test_a_scheduler_without_the_engine_is_refused(folder: Folder) -> None:
    assert folder.run("--scheduler", "tcp://127.0.0.1:1") == 2
    assert folder.report()["error_message"] == "--scheduler needs --engine dask"


def python(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", f"import sys; {code}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def test_without_distributed_a_sentence_says_what_to_install(folder: Folder) -> None:
    code = "sys.modules['distributed'] = None; from mlops_task import cli; sys.exit(cli.main(sys.argv[1:]))"
    assert python(code, *folder.argv("--engine", "dask")).returncode == 2
    assert folder.report()["error_message"] == (
        "--engine dask needs the package distributed, which is not installed: pip install '.[dask]'"
    )


def test_a_local_run_imports_nothing_of_dask(folder: Folder) -> None:
    code = "from mlops_task import cli; cli.main(sys.argv[1:]); "
    code += "sys.exit('dask' in sys.modules or 'distributed' in sys.modules)"
    assert python(code, *folder.argv()).returncode == 0


def test_a_scheduler_without_the_package_is_a_sentence() -> None:
    sentence = r"^scheduler tcp://there:1 has no code of the job"
    with pytest.raises(ClusterError, match=sentence), _sentences("tcp://there:1"):
        raise RuntimeError("Error during deserialization of the task graph. This frequently\noccurs if")
