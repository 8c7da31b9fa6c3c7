import pytest

from fixgate.dictionary import validate


@pytest.fixture(autouse=True, scope="session")
def _patterns_at_second_sight():
    """Compile the pattern of a shape when it is seen again, so that every test meets it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validate, "_SIGHTINGS", 1)
        yield
