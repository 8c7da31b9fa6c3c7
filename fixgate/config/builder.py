"""What venue files and session files have in common on their way to settings."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path as FilePath

from fixgate.config.expand import Draft
from fixgate.config.models import StoreModel
from fixgate.config.yaml import Path
from fixgate.dictionary.version import FixVersion
from fixgate.net.settings import ListenSettings, StoreSettings
from fixgate.session.settings import Credentials

__all__ = ["Builder", "is_loopback", "is_open"]


@dataclass(frozen=True, slots=True)
class Builder:
    """Checks and converts what both kinds of files have; mistakes go to ``draft``."""

    draft: Draft

    def version(
        self, path: Path, begin_string: str, application: FixVersion | None
    ) -> FixVersion | None:
        """Return the application version of a session, or ``None`` after reporting."""
        if begin_string != "FIXT.1.1":
            if application is not None:
                self.draft.report(
                    (*path, "application_version"),
                    f"application_version is for begin_string FIXT.1.1, not {begin_string}",
                    "leave it out",
                    at_key=True,
                )
            return FixVersion(begin_string)
        if application is None:
            self.draft.report(
                (*path, "begin_string"),
                "FIXT.1.1 needs application_version",
                "add application_version: FIX.5.0SP2",
                at_key=True,
            )
        return application

    def credentials(
        self, path: Path, username: str | None, password: str | None
    ) -> Credentials | None:
        """Return what a Logon carries; both or neither."""
        if username is not None and password is not None:
            return Credentials(username, password)
        if username is not None:
            self.draft.report((*path, "username"), "username needs a password", at_key=True)
        elif password is not None:
            self.draft.report((*path, "password"), "password needs a username", at_key=True)
        return None

    def file(self, path: Path, text: str) -> FilePath:
        """Return a file that is named relative to the configuration; warn when it is not there."""
        found = self.folder(text)
        # A name that is too long for any file is one that is not there, no error.
        if not os.path.isfile(found):
            self.draft.warn(path, f"there is no file {str(found)!r} yet")
        return found

    def optional_file(self, path: Path, text: str | None) -> FilePath | None:
        """Return the same, ``None`` where nothing is named."""
        return None if text is None else self.file(path, text)

    def folder(self, text: str) -> FilePath:
        """Return a path that is named relative to the configuration or to a home."""
        return self.draft.document.source.folder / os.path.expanduser(text)

    def store(self, store: StoreModel | None) -> StoreSettings:
        """Return where messages are kept; ``None`` is memory."""
        if store is None:
            return StoreSettings()
        return StoreSettings(self.folder(store.path), store.durability)

    def unique(self, path: Path, value: object, seen: dict[object, Path], what: str) -> None:
        """Report ``what`` when ``value`` was seen before."""
        if value in seen:
            self.draft.report(path, f"{what}, first at {self.draft.place(seen[value])}")
        else:
            seen[value] = path


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_open(listen: ListenSettings) -> bool:
    """Return whether anybody on other machines can speak to a port in the clear."""
    everyone = listen.allow is None or listen.allow.everyone
    return listen.tls is None and everyone and not is_loopback(listen.address.host)
