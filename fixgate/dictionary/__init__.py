"""What a valid message is."""

# .datatypes
from fixgate.dictionary.datatypes import FieldType

# .loader
from fixgate.dictionary.loader import BUILT_IN, load_dictionary, validator_for

# .model
from fixgate.dictionary.model import (
    Dictionary,
    FieldDef,
    FieldUse,
    GroupUse,
    Member,
    MessageDef,
)

# .quickfix_xml
from fixgate.dictionary.quickfix_xml import read_quickfix_xml

# .reasons
from fixgate.dictionary.reasons import REASON_TEXTS, Problem, SessionRejectReason

# .validate
from fixgate.dictionary.validate import ValidationOptions, Validator

# .version
from fixgate.dictionary.version import FixVersion

__all__ = [
    "BUILT_IN",
    "REASON_TEXTS",
    "Dictionary",
    "FieldDef",
    "FieldType",
    "FieldUse",
    "FixVersion",
    "GroupUse",
    "Member",
    "MessageDef",
    "Problem",
    "SessionRejectReason",
    "ValidationOptions",
    "Validator",
    "load_dictionary",
    "read_quickfix_xml",
    "validator_for",
]
