"""Folders that stand for ``/``."""

from collections.abc import Mapping
from pathlib import Path


def plant(root: Path, files: Mapping[str, str], links: Mapping[str, str] | None = None) -> str:
    """Write files and symbolic links, by their absolute paths, below a folder; return it."""
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    for path, target in (links or {}).items():
        link = root / path.lstrip("/")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    return str(root)
