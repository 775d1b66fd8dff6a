"""Kindling on Kubernetes: a kustomize base, components and overlays, and what is generated of the topic table."""
