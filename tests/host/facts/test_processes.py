"""Of /proc/PID, what it takes to know a process and its libraries."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.processes import ProcessStat, bypass_signs, environment, process_stat
from tests.host.machines import stat

# As Linux 6.18 writes it.
REAL = (
    "16571 (cat) R 16563 16563 6562 0 -1 4194304 102 0 0 0 0 0 0 0 20 0 1 0 2432121 3133440 403 "
    "18446744073709551615 94019999637504 94019999657385 140734395794464 0 0 0 0 0 0 0 0 0 17 1 0 0 "
    "0 0 0 94019999673392 94019999675008 94020162457600 140734395800079 140734395800099 "
    "140734395800099 140734395801579 0\n"
)
MAPS = """\
55d0-55d1 r--p 00000000 fe:00 393226                     /usr/bin/python3.11
7f00-7f10 r-xp 00000000 fe:00 131                        /usr/lib64/libonload.so
7f20-7f30 r-xp 00000000 fe:00 132                        /usr/lib64/libonload_ext.so.1
7ffd-7ffe rw-p 00000000 00:00 0                          [stack]
"""


def test_a_process():
    assert process_stat(REAL) == ProcessStat(16571, "cat", "R", 1, 0, 0, "other", of_kernel=False)


def test_a_name_may_hold_anything():
    text = stat(9, "a) R 1 (b c", "S", cpu=3, policy=2, priority=7, nice=-5)
    found = process_stat(text)
    assert found == ProcessStat(9, "a) R 1 (b c", "S", 3, -5, 7, "rr", of_kernel=False)


def test_a_thread_of_the_kernel():
    assert process_stat(stat(17, "ksoftirqd/0", "S", parent=2)).of_kernel
    assert process_stat(stat(2, "kthreadd", "S", parent=0)).of_kernel


def test_no_process():
    assert process_stat(None) is None
    assert process_stat("1 (x) R 1 2 3") is None


def test_variables():
    assert environment("A=1\0B=x=y\0=z\0none\0") == {"A": "1", "B": "x=y"}


def test_onload_loaded():
    variables = {"LD_PRELOAD": "libonload.so", "EF_B": "2", "EF_A": "1", "SECRET": "x"}
    assert bypass_signs(MAPS, variables) == {
        "OpenOnload": (
            True,
            [
                "/usr/lib64/libonload.so is loaded",
                "/usr/lib64/libonload_ext.so.1 is loaded",
                "LD_PRELOAD=libonload.so",
                "EF_A=1",
                "EF_B=2",
            ],
        )
    }


def test_vma_asked_for_and_not_loaded():
    found = bypass_signs("", {"LD_PRELOAD": "/opt/libvma.so", "EF_A": "1"})
    assert found == {"VMA": (False, ["LD_PRELOAD=/opt/libvma.so"])}


def test_neither():
    assert bypass_signs("7f00-7f10 r-xp 0 fe:00 1 /usr/lib/libc.so.6\n", {}) == {}


@given(st.text(), st.text())
def test_no_text_raises(text: str, maps: str):
    found = process_stat(text)
    assert found is None or found.name in text
    assert all(name in text for name in environment(text))
    assert set(bypass_signs(maps, {})) <= {"OpenOnload", "VMA"}
