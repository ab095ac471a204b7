from time import perf_counter  # noqa: D100 - the clock starts on the first line

STARTED = perf_counter()  # before any other import: what imports cost is part of latency_ms

import _signal  # type: ignore[import-not-found] # noqa: E402 - importing `signal` takes longer than all before it
import gc  # noqa: E402 - after the clock
import os  # noqa: E402 - after the clock
import sys  # noqa: E402 - after the clock


def main(started: float = STARTED) -> None:
    """Run the command line of this process, `started` at that reading of the clock, and end the process."""
    if sys.platform == "win32":
        sys.exit(
            "mlops-task: the job needs signals and descriptors of Linux or macOS, got Windows: "
            "run it in WSL or Docker; the library, import kernels, needs neither"
        )
    # A signal that comes before the job can report it waits until it can.
    _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    # The job multiplies no matrices: importing NumPy need not start threads that spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What imports make stays: looking for garbage in it time and again takes 4 ms.
    gc.set_threshold(100_000)
    from mlops_task import cli

    try:
        os.getcwd()  # noqa: PTH109 - pathlib is no better here
    except OSError as error:
        where = f"the current folder cannot be told ({error.strerror})"
        sys.exit(f"{cli.program()}: {where}: change to one that is there")
    _leave(cli.main(started=started))


def _leave(code: int) -> None:
    """End the process."""
    import threading

    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        # The job has reported it; the interpreter would try again and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if threading.active_count() == 1:
        # Everything is written and closed; tearing down NumPy and pyarrow object by object takes 20 ms.
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
