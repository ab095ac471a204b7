"""Where the work runs: the threads of this process, or a Dask cluster."""
