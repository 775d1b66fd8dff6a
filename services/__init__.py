"""The services. Run one from the repository's root: `python -m services.profile`; never put this folder on `sys.path`."""
