"""``python -m fixgate.cli``."""

from fixgate.cli.main import main

main(prog_name="fixgate")
