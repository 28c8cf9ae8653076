"""api: the ways in, and the only place where the parts are put together.

`settings` says what a deployment decides, `deployment` opens its store, ledger and catalogue; `cli` is the command
line, `http` the FastAPI application, `demo` the example city.
"""
