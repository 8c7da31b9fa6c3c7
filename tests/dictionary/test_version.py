import pytest

from fixgate.dictionary import FixVersion


@pytest.mark.parametrize(
    ("version", "begin_string", "appl_ver_id", "order"),
    [
        (FixVersion.FIX40, "FIX.4.0", None, 0),
        (FixVersion.FIX44, "FIX.4.4", None, 4),
        (FixVersion.FIX50, "FIXT.1.1", "7", 5),
        (FixVersion.FIX50SP1, "FIXT.1.1", "8", 6),
        (FixVersion.FIX50SP2, "FIXT.1.1", "9", 7),
    ],
)
def test_versions_on_the_wire(version, begin_string, appl_ver_id, order):
    assert version.begin_string == begin_string
    assert version.appl_ver_id == appl_ver_id
    assert version.is_fixt is (appl_ver_id is not None)
    assert version.order == order
    assert FixVersion.of_session(begin_string, appl_ver_id) is version


def test_sessions_of_no_version():
    assert FixVersion.of_session("FIX.9.9") is None
    assert FixVersion.of_session("FIXT.1.1") is None
    assert FixVersion.of_session("FIX.4.4", "9") is None
