"""The Dask engine: the partitions of all series on the workers of a cluster, merged there in a tree.

Workers open the files, find the partitions, read and merge them. The client sees descriptions of partitions,
which are small, and one summary per series. A task that was lost with its worker is run again by Dask; each
depends on nothing but its arguments and the files, so the result is the same.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mlops_task import __version__
from mlops_task.engines.results import Item, Read, Result
from mlops_task.engines.work import Found, conclude, examine, merge, plan, settle
from mlops_task.errors import ClusterError, UsageError, because
from mlops_task.interrupts import ENDING

if TYPE_CHECKING:
    from distributed import Client, Future

    from mlops_task.config import Config
    from mlops_task.inputs.protocol import Partition

CONNECT_SECONDS = 15.0
IDLE_SECONDS = 60.0
"""How long a cluster may be without any worker."""
MOST_SERIES = 1000
MOST_PARTITIONS = 10_000
"""How many of each the scheduler is given to know at once, within a series more."""
FAN_IN = 8
SILENT = logging.CRITICAL + 1
log = logging.getLogger(__name__)


@contextlib.contextmanager
def dask(scheduler: str | None, workers: int) -> Iterator[Dask]:
    """Give the engine of an existing cluster, or of a local one of as many processes as `workers`.

    Raises
    ------
    UsageError
        If the package `distributed` is not installed.
    ClusterError
        If the cluster cannot be reached, has no workers, or loses too many.
    """
    with _client(scheduler, workers) as client:
        with _sentences(scheduler):
            _check_code(client)
        yield Dask(client, scheduler)


class Dask:
    """The tasks of one run: submitted series by series, with a bound on how many there are at once."""

    def __init__(self, client: Client, scheduler: str | None = None) -> None:
        self._client, self._scheduler = client, scheduler
        self._done: SimpleQueue[tuple[int, int, Future[Any]]] = SimpleQueue()
        self._watched: set[Future[Any]] = set()
        self._planned: deque[tuple[int, list[Partition]]] = deque()
        self._open = self._partitions = 0

    def results(self, names: list[str], config: Config) -> Iterator[Item]:
        """Yield all items of all series, at paths that every worker sees, as they come."""
        waiting = deque(enumerate(names))
        with _sentences(self._scheduler):
            while waiting or self._open:
                while waiting and self._open < MOST_SERIES:
                    index, name = waiting.popleft()
                    self._open += 1
                    self._watch(index, -1, self._submit(plan, str(Path(name).absolute()), config))
                while self._planned and self._partitions < MOST_PARTITIONS:
                    self._expand(*self._planned.popleft(), config)
                yield from self._collected()

    def _expand(self, index: int, partitions: list[Partition], config: Config) -> None:
        """Submit all of a series: every partition by itself, then what joins them.

        Whether a partition begins inside a quoted field is known once the one before is settled, so that
        settling is a chain; where nothing was cut, its links do nothing.
        """
        self._partitions += len(partitions)
        settled: list[Future[Found]] = []
        for partition in partitions:
            found = self._submit(examine, partition, config)
            self._watch(index, partition.size, found)
            if settled and partition.may_be_cut:
                found = self._submit(settle, settled[-1], found, partition, config)
            settled.append(found)
        while len(settled) > 1:
            groups = [settled[i : i + FAN_IN] for i in range(0, len(settled), FAN_IN)]
            settled = [self._submit(merge, *group) for group in groups]
        self._watch(index, -1, self._submit(conclude, settled[0], config))

    def _submit(self, function: Callable[..., Any], *arguments: object) -> Future[Any]:
        return self._client.submit(function, *arguments, pure=False)

    def _watch(self, index: int, size: int, future: Future[Any]) -> None:
        """Let `_collected` know when `future` is done: a partition of `size` bytes; if -1, a series."""
        self._watched.add(future)
        future.add_done_callback(lambda done: self._done.put((index, size, done)))

    def _collected(self) -> Iterator[Item]:
        """Wait until something is done, and take in all that is."""
        ended = {}
        for index, size, future in self._take():
            self._watched.discard(future)
            if size < 0:
                ended[index] = future
            else:
                self._partitions -= 1
                yield Read(index, size)
        for index, done in self._client.gather(ended).items():
            if isinstance(done, Found):
                self._open -= 1
                yield Read(index, rows=done.summary.rows)
                yield Result(index, done)
            else:
                self._planned.append((index, done))

    def _take(self) -> Iterator[tuple[int, int, Future[Any]]]:
        while True:
            with contextlib.suppress(Empty):
                yield self._done.get(timeout=IDLE_SECONDS)
                break
            if not self._client.scheduler_info(n_workers=-1)["workers"]:
                raise ClusterError(f"the cluster has had no worker for {IDLE_SECONDS:.0f} s")
        while not self._done.empty():
            yield self._done.get()


@contextlib.contextmanager
def _client(scheduler: str | None, workers: int) -> Iterator[Client]:
    """Connect to a cluster, or start one and stop it at the end."""
    try:
        import dask.config
        from distributed import Client, LocalCluster
    except ImportError:
        raise UsageError(
            "--engine dask needs the package distributed, which is not installed: pip install '.[dask]'"
        ) from None
    # What goes wrong ends up in a sentence; lost workers are replaced, and not worth a traceback.
    logging.getLogger("distributed").setLevel(SILENT)
    if scheduler is not None:
        _check_address(scheduler)
    with contextlib.ExitStack() as stack:
        place: Any = scheduler
        if scheduler is None:
            folder = stack.enter_context(TemporaryDirectory(prefix="dask-", ignore_cleanup_errors=True))
            stack.enter_context(dask.config.set(temporary_directory=folder))
            with _signals_held():
                place = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                    silence_logs=SILENT,
                    memory_limit=0,
                )
                stack.enter_context(place)
        try:
            client = Client(place, timeout=CONNECT_SECONDS, set_as_default=False)
        except OSError as error:
            raise ClusterError(f"scheduler {scheduler} cannot be reached: {because(error)}") from None
        with client:
            yield client


def _check_address(scheduler: str) -> None:
    """Raise ClusterError unless something listens there: a client that finds nothing is slow to give up."""
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    try:
        scheme, place = parse_address(scheduler)
        get_backend(scheme)
        host, port = parse_host_port(place)
    except (ValueError, TypeError, ImportError) as error:
        raise ClusterError(f"scheduler {scheduler} is no address of one: {error}") from None
    if scheme in {"tcp", "tls"}:
        try:
            socket.create_connection((host, port), CONNECT_SECONDS).close()
        except OSError as error:
            raise ClusterError(f"scheduler {scheduler} cannot be reached: {because(error)}") from None


def _check_code(client: Client) -> None:
    """Raise ClusterError unless the workers that there are have the code of this job."""

    def code() -> str:  # travels by value, being local
        try:
            from mlops_task import __version__
            from mlops_task.engines import work  # noqa: F401 - whether it can be imported
        except ImportError as error:
            return f"no code of the job ({error})"
        return f"version {__version__}"

    versions = client.run(code)
    if not versions:
        log.warning("The cluster has no workers yet, waiting for %.0f s at most", IDLE_SECONDS)
    for worker, found in versions.items():
        if found != f"version {__version__}":
            raise ClusterError(f"worker {worker} has {found}, expected version {__version__}")


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back what ends a run until the end, and for good in the threads and processes begun inside.

    A cluster is started whole or not at all, and its workers are stopped by it, not by the terminal.
    """
    resource_tracker.ensure_running()  # or it is with the first process, and lets signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _sentences(scheduler: str | None) -> Iterator[None]:
    """Turn what Dask raises when a cluster fails into a sentence."""
    from distributed import CancelledError, KilledWorker

    cluster = f"scheduler {scheduler}" if scheduler else "the local cluster"
    try:
        yield
    except KilledWorker as error:
        raise ClusterError(
            f"{cluster} gave a task up: {error.allowed_failures + 1} workers died while they ran it"
        ) from None
    except RuntimeError as error:
        if "deserialization" not in str(error):
            raise
        raise ClusterError(f"{cluster} has no code of the job, which it needs as its workers do") from None
    except (CancelledError, TimeoutError, OSError) as error:
        raise ClusterError(f"{cluster} was lost during the run ({type(error).__name__})") from None
