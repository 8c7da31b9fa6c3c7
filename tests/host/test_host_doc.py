"""docs/host.md has a row for every topic, and none for what there is not."""

import importlib
import pkgutil

from fixgate.host import judging
from fixgate.host.judging.topic import Topic
from tests.doctables import named, page, rows

TEXT = page("host.md")


def topics() -> dict[str, Topic]:
    found = {}
    for _, name, _ in pkgutil.iter_modules(judging.__path__, "fixgate.host.judging."):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Topic):
                found[value.key] = value
    return found


def test_every_topic_has_its_row_and_every_row_its_topic():
    documented = [key for row in rows(TEXT, 5) for key in named(row[1])]
    assert sorted(documented) == sorted(topics())


def test_a_row_names_its_topics_by_their_labels():
    known = topics()
    for row in rows(TEXT, 5):
        for key in named(row[1]):
            label = known[key].label
            assert all(word in row[0] for word in label.replace("waiting ", "").split()), key


def test_every_row_says_where_it_is_read():
    for row in rows(TEXT, 5)[1:]:
        assert row[2], row


def test_keys_begin_with_what_they_are_about():
    for key in topics():
        assert key.partition(".")[0] in {"cpu", "irq", "memory", "nic", "tcp", "clock", "process"}
