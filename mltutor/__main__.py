"""`python -m mltutor` is `mltutor`."""

from mltutor.cli import main

if __name__ == "__main__":
    main()
