"""The batch job around the kernels: config -> inputs -> engine -> results -> outputs."""

__version__ = "0.1.0"
