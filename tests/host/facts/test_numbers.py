"""Lists of CPUs by the kernel's own description of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.numbers import cpu_list, natural, whole


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
    assert cpu_list(text) == cpus


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
