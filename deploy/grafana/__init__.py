"""Dashboards for Grafana: what they ask stands in `boards`; `make.py` writes them as JSON, and Grafana loads that."""
