"""The command line of mltutor."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("mltutor")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
