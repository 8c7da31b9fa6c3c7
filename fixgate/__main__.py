"""``python -m fixgate``."""

from fixgate.cli import main

if __name__ == "__main__":
    main(prog_name="fixgate")
