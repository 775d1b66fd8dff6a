"""The services. Run one from the root: `python -m services.profile`; never put this folder on `sys.path`."""
