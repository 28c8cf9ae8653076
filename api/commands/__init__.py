"""The commands of the command line, a module for each; `api.cli` puts them together."""
