"""Tests of `mlops_task.outputs`."""
