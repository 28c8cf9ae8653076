"""loaders: from tables and exchange formats to subjects, links and records.

`city` is the project's own JSON-lines schema; `mapping` turns rows of other tables into such lines
(`loaders/mappings/*.yaml`). `translation` makes facts of lines, `load` writes them in batches and tells what became
of every row; what can't be loaded is kept in `quarantine`.
"""
