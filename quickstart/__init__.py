"""The quickstart: both services, an embedded Valkey, SQLite and the worker, in one folder and with one command."""
