"""The console's only I/O: the SQLite view and its fake, the templates, the web application."""
