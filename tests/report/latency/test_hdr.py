"""The histogram log, read back by hand and by the library's own reader."""

from __future__ import annotations

import re
from base64 import b64decode

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from fixgate.latency.model import Figure
from fixgate.report.latency.hdr import render_hdr_log, tag_of
from tests.latency.samples import MS, US, sample
from tests.report.latency.made import report
from tests.report.latency.sample import measured

MADE = report(*[sample((100 + i) * US, at_ns=i * MS, late_ns=US) for i in range(1000)])


def test_head():
    lines = render_hdr_log(MADE).splitlines()
    assert lines[:5] == [
        "#[fixgate 0.1.0; values are nanoseconds]",
        "#[Histogram log format version 1.3]",
        "#[StartTime: 1795336200.000 (seconds since epoch), 2026-11-22T08:30:00.000Z]",
        "#[BaseTime: 1795336200.000 (seconds since epoch)]",
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ]


def test_a_line_for_each_figure():
    lines = render_hdr_log(MADE).splitlines()[5:]
    heads = [line.rpartition(",")[0] for line in lines]
    assert heads == [
        "Tag=xlon/heartbeat/wire,0.000,10.000,1.099000",
        "Tag=xlon/heartbeat/app,0.000,10.000,1.129000",
        "Tag=xlon/heartbeat/response,0.000,10.000,1.130000",
    ]
    for line in lines:
        # V2, compressed: the cookie of the specification.
        assert b64decode(line.rpartition(",")[2])[:4] == bytes.fromhex("1c849314")


def test_the_librarys_reader_finds_what_was_measured(tmp_path):
    path = tmp_path / "latency.hlog"
    made = measured(requests=300)
    path.write_text(render_hdr_log(made), encoding="ascii")
    reader = HistogramLogReader(str(path), HdrHistogram(1, 3_600_000_000_000, 3))
    found = {}
    while (histogram := reader.get_next_interval_histogram()) is not None:
        found[histogram.get_tag()] = histogram
        assert histogram.get_start_time_stamp() == made.started_ns / 1e6
        assert histogram.get_end_time_stamp() == (made.started_ns + made.duration_ns) / 1e6
    reader.input_file.close()
    assert len(found) == sum(len(series.figures) for series in made.series)
    told = next(s for s in made.series if s.session == "xetr-tls" and s.kind.name == "CANCEL")
    wire = told.figures[Figure.WIRE]
    histogram = found["xetr-tls/cancel/wire"]
    assert histogram.get_total_count() == wire.count
    for percentile, value in wire.percentiles:
        assert abs(histogram.get_value_at_percentile(percentile) - value) <= value / 1000 + 1


def test_tags_hold_neither_commas_nor_white_space():
    assert tag_of("xlon-main", "ack", "wire") == "xlon-main/ack/wire"
    assert tag_of("a, b\n/c%", "tcp", "app") == "a%2C%20b%0A%2Fc%25/tcp/app"
    hostile = tag_of('é\ud800\u2028"\x1b', "tcp", "app")
    assert re.fullmatch(r"[!-~]+", hostile)
    assert "," not in hostile
    assert '"' not in hostile


def test_nothing_is_a_log_without_lines():
    assert len(render_hdr_log(report()).splitlines()) == 5
