from time import perf_counter  # noqa: D100 - the clock starts on the first line

STARTED = perf_counter()  # before any other import: what imports cost is part of latency_ms

import sys  # noqa: E402

try:
    from mlops_task.__main__ import main
except ModuleNotFoundError as error:
    sys.exit(
        f"cli.py: no module named {error.name!r}: run `make setup` beside cli.py, "
        "then call .venv/bin/python cli.py, without -I and -P"
    )

if __name__ == "__main__":
    main(STARTED)
