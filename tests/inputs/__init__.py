"""Tests of `mlops_task.inputs`."""
