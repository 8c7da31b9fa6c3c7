"""Make the built-in dictionary tables from a folder of QuickFIX XML files.

    python tools/make_dictionaries.py FOLDER

FOLDER holds FIX40.xml to FIX50SP2.xml and FIXT11.xml, as in the folder ``spec`` of a QuickFIX
source distribution. Only facts are kept: tag numbers, names, types, codes with their names,
which members a message or a group has, in which order, and which are required. The same files
give the same tables, byte for byte.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from fixgate.dictionary.datatypes import FieldType
from fixgate.dictionary.model import Dictionary, FieldDef
from fixgate.dictionary.quickfix_xml import read_quickfix_xml
from fixgate.dictionary.table import dump_table

DATA = Path(__file__).resolve().parent.parent / "fixgate" / "dictionary" / "data"

FILES = {
    "FIX40": "FIX.4.0",
    "FIX41": "FIX.4.1",
    "FIX42": "FIX.4.2",
    "FIX43": "FIX.4.3",
    "FIX44": "FIX.4.4",
    "FIX50": "FIX.5.0",
    "FIX50SP1": "FIX.5.0SP1",
    "FIX50SP2": "FIX.5.0SP2",
    "FIXT11": "FIXT.1.1",
}

# Fields whose list of codes the specification does not close, though the files do.
OPEN_LISTS = {
    27: "IOIShares/IOIQty: S, M, L, U, or a number of shares",
    100: "ExDestination: an exchange code of appendix C, or one of the two listed in FIX 4.0",
    166: "SettlLocation: one of those listed, or an ISO country code",
    336: "TradingSessionID: those listed from FIX 5.0 SP1 on, or a bilaterally agreed string",
    625: "TradingSessionSubID: as TradingSessionID",
    682: "LegIOIQty: as IOIQty",
}
# ExecInst: "can contain multiple instructions, space delimited" in FIX 4.0 and 4.1 too.
MULTIPLE = {18: ("FIX.4.0", "FIX.4.1")}


def corrected(dictionary: Dictionary) -> Dictionary:
    """Return the dictionary with what the specification says where the files differ."""
    fields = {
        tag: _corrected(found, dictionary.version) for tag, found in dictionary.fields.items()
    }
    return Dictionary(
        dictionary.version,
        fields,
        dictionary.messages,
        header=dictionary.header,
        trailer=dictionary.trailer,
    )


def _corrected(found: FieldDef, version: str) -> FieldDef:
    if found.tag in OPEN_LISTS and found.values:
        # A placeholder such as "ISO Country Code" is no code.
        codes = {code: name for code, name in found.values.items() if b" " not in code}
        found = replace(found, values=codes, allow_other_values=True)
    if version in MULTIPLE.get(found.tag, ()):
        found = replace(found, type=FieldType.MULTIPLE_VALUE_STRING)
    return found


def main() -> None:
    """Write one table for each file of the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Make the built-in dictionary tables.")
    parser.add_argument("folder", type=Path, help="folder of the QuickFIX XML files")
    folder: Path = parser.parse_args().folder
    DATA.mkdir(exist_ok=True)
    for stem, version in FILES.items():
        dictionary = corrected(read_quickfix_xml(folder / f"{stem}.xml", version=version))
        text = dump_table(dictionary)
        (DATA / f"{version}.json").write_text(text, encoding="ascii", newline="\n")
        print(
            f"{version}: {len(dictionary.fields)} fields, {len(dictionary.messages)} messages, "
            f"{len(text) // 1024} KiB"
        )


if __name__ == "__main__":
    main()
