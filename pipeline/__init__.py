"""The batch job around the kernels: config -> source -> kernels -> report."""

__version__ = "0.1.0"
