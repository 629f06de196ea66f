"""The local machine: `make demo`, `make test`, `make sandbox`, with nothing installed beforehand."""
