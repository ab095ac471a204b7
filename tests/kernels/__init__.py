"""Laws of the kernels."""
