"""Tests of `mlops_task.engines`."""
