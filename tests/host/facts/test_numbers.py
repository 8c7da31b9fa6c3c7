"""Lists of CPUs by the kernel's own description of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.numbers import cpu_list, cpu_mask, cpu_text, natural, whole


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("\n", set()),
        ("0\n", {0}),
        ("0-3,8\n", {0, 1, 2, 3, 8}),
        ("2-31,34-35", {*range(2, 32), 34, 35}),
        # "0-20:2/5" of admin-guide/kernel-parameters: the first 2 of every 5.
        ("0-20:2/5", {0, 1, 5, 6, 10, 11, 15, 16, 20}),
        ("0-6:2", {0, 2, 4, 6}),
    ],
)
def test_a_list_of_cpus(text: str, cpus: set[int]):
    assert cpu_list(text) == tuple(sorted(cpus))


@pytest.mark.parametrize("text", [None, "all", "0-", "-3", "0-99999999999", "1,two", "0-6:0", "²"])
def test_no_list_of_cpus(text: str | None):
    assert cpu_list(text) is None


def test_numbers_are_decimal_digits():
    assert (natural("12"), natural("-1"), natural("1_0"), natural("٣"), natural("9" * 21)) == (
        12, None, None, None, None,
    )  # fmt: skip
    assert (whole("-1"), whole("7"), whole("--1"), whole("")) == (-1, 7, None, None)


@given(st.text(alphabet="0123456789-,:/ x\n"))
def test_no_text_raises(text: str):
    found = cpu_list(text)
    assert found is None or all(cpu >= 0 for cpu in found)


@pytest.mark.parametrize(
    ("text", "cpus"),
    [("0\n", ()), ("3", (0, 1)), ("00000001,80000000", (31, 32)), ("ff,", None), ("x", None)],
)
def test_a_mask_of_cpus(text: str, cpus: tuple[int, ...] | None):
    assert cpu_mask(text) == cpus


@given(st.sets(st.integers(0, 8191)))
def test_a_list_that_is_written_reads_the_same(cpus: set[int]):
    ordered = tuple(sorted(cpus))
    assert cpu_text(ordered) == "none" if not cpus else cpu_list(cpu_text(ordered)) == ordered


def test_a_list_is_written_as_the_kernel_does():
    assert cpu_text((0, 1, 2, 3, 8, 10, 11)) == "0-3,8,10-11"


@given(st.text(alphabet="0123456789abcdefg,\n"))
def test_no_mask_raises(text: str):
    found = cpu_mask(text)
    assert found is None or all(cpu >= 0 for cpu in found)
