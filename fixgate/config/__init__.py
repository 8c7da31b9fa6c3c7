"""Strict YAML into settings, with secrets by reference."""

# .load
from fixgate.config.load import SessionsConfig, VenueConfig, load, load_targets, load_venue

# .qf_import
from fixgate.config.qf_import import Imported, import_quickfix

# .qf_view
from fixgate.config.qf_view import Note
from fixgate.config.qf_view import Role as QuickFixRole

# .quickfix
from fixgate.config.quickfix import EngineName, quickfix_acceptor

# .schema
from fixgate.config.schema import KINDS, schema

# .sessions
from fixgate.config.sessions import default_store, state_folder

# .shipped
from fixgate.config.shipped import SCHEMA_NAME, shipped_files, shipped_folder, shipped_text, summary

# .units
from fixgate.config.units import parse_address, parse_duration, parse_size

__all__ = [
    "KINDS",
    "SCHEMA_NAME",
    "EngineName",
    "Imported",
    "Note",
    "QuickFixRole",
    "SessionsConfig",
    "VenueConfig",
    "default_store",
    "import_quickfix",
    "load",
    "load_targets",
    "load_venue",
    "parse_address",
    "parse_duration",
    "parse_size",
    "quickfix_acceptor",
    "schema",
    "shipped_files",
    "shipped_folder",
    "shipped_text",
    "state_folder",
    "summary",
]
