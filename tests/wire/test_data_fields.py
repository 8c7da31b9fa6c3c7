from __future__ import annotations

import pytest

from fixgate.wire.data_fields import DATA_FIELD_NAMES, DATA_FIELDS


@pytest.mark.parametrize(
    ("length", "data"),
    [
        *((90, 91), (93, 89), (95, 96), (212, 213), (354, 355), (445, 446), (618, 619)),
        *((621, 622), (1184, 1185), (1401, 1402), (1403, 1404), (1620, 1621), (1664, 1665)),
        (43109, 42684),
    ],
)
def test_pairs_of_the_specification(length, data):
    assert DATA_FIELDS[length] == data


def test_no_tag_is_both():
    assert len(DATA_FIELDS) == 83
    assert len(DATA_FIELD_NAMES) == 166
    assert not DATA_FIELDS.keys() & set(DATA_FIELDS.values())
