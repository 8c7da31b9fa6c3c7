"""Bars of parts."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.report.latency.stack import cells_of, segments_of
from fixgate.triage.model import Layer
from fixgate.triage.split import Part

PARTS = st.lists(
    st.builds(Part, st.sampled_from(Layer), st.just("a part"), st.integers(0, 10**12)), max_size=12
)


def parts(*durations: int) -> list[Part]:
    return [Part(layer, layer.value, ns) for layer, ns in zip(Layer, durations, strict=False)]


def test_parts_are_as_wide_as_they_took_long():
    found = segments_of(parts(100, 300, 600), 50.0)
    assert [(s.x, s.width) for s in found] == [(0, 5), (5, 15), (20, 30)]


def test_what_took_any_time_is_seen():
    found = segments_of(parts(1, 0, 999_999), 100.0)
    assert [s.part.layer for s in found] == [Layer.HOST, Layer.PATH]
    assert [(s.x, s.width) for s in found] == [(0, 1.5), (1.5, 98.5)]


def test_no_time_is_no_bar():
    assert segments_of(parts(0, 0), 10.0) == ()
    assert cells_of([], 10) == []


@given(PARTS, st.integers(1, 60))
def test_a_bar_is_full_and_in_order(made: list[Part], width: int):
    shown = [part for part in made if part.duration_ns > 0]
    segments = segments_of(made, float(width))
    assert [s.part for s in segments] == shown
    x = 0.0
    for segment in segments:
        assert abs(segment.x - x) < 0.05
        assert segment.width > 0 or width / len(shown) < 0.01
        x = segment.x + segment.width
    assert not segments or abs(x - width) < 0.1
    assert len(cells_of(made, width)) == (width if shown else 0)


def test_cells_tell_short_parts_too():
    cells = cells_of(parts(1, 1, 998), 10)
    assert cells == [Layer.HOST, Layer.STACK, *[Layer.PATH] * 8]
