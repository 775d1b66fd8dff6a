"""Workloads that are measured, each against a plain subject in the same run: `python -m bench` lists them."""
