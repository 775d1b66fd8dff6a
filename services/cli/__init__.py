"""`kindling`, the one command: what an operator, a marketer or a developer asks of all services at a terminal.

It stands over the services: the one package that may import their commands and settings, and nothing imports it. Each
verb imports its service when it is asked for, so that `--help` is there at once.
"""
