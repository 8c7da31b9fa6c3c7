"""Groups of both versions, outside and inside of containers."""

from hypothesis import given
from hypothesis import strategies as st

from fixgate.host.facts.cgroup import (
    CpuGroup,
    Throttling,
    cpu_groups,
    quota,
    quota_v1,
    throttling,
)

V2_MOUNT = "34 25 0:29 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
V1_MOUNTS = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
33 31 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""


def test_version_2_from_our_group_upwards():
    found = cpu_groups("0::/system.slice/desk.service\n", V2_MOUNT)
    assert found == (
        CpuGroup("/sys/fs/cgroup/system.slice/desk.service", 2),
        CpuGroup("/sys/fs/cgroup/system.slice", 2),
        CpuGroup("/sys/fs/cgroup", 2),
    )


def test_version_2_in_a_container_with_a_namespace_of_its_own():
    assert cpu_groups("0::/\n", V2_MOUNT) == (CpuGroup("/sys/fs/cgroup", 2),)


def test_version_1_beside_an_empty_version_2():
    found = cpu_groups("4:memory:/x\n1:cpu,cpuacct:/desk\n0::/\n", V1_MOUNTS)
    assert found == (
        CpuGroup("/sys/fs/cgroup/cpu,cpuacct/desk", 1),
        CpuGroup("/sys/fs/cgroup/cpu,cpuacct", 1),
    )


def test_version_1_in_a_container_that_knows_its_name_outside():
    mounts = "700 699 0:29 /docker/4f2a /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n"
    found = cpu_groups("4:cpu,cpuacct:/docker/4f2a\n", mounts)
    assert found == (CpuGroup("/sys/fs/cgroup/cpu", 1),)


def test_a_group_that_is_out_of_sight():
    mounts = "34 25 0:29 /pod /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
    assert cpu_groups("0::/../other\n", mounts) == (CpuGroup("/sys/fs/cgroup", 2),)


def test_no_groups():
    assert cpu_groups(None, None) == ()
    assert cpu_groups("0::/\n", "31 23 0:28 / / rw - ext4 /dev/vda rw\n") == ()


def test_throttling_of_both_versions():
    v2 = "usage_usec 5\nnr_periods 100\nnr_throttled 12\nthrottled_usec 34567\n"
    v1 = "nr_periods 100\nnr_throttled 12\nthrottled_time 34567890\n"
    assert throttling(v2) == throttling(v1) == Throttling(12, 34567)
    assert throttling("usage_usec 5\nuser_usec 3\nsystem_usec 2\n") is None


def test_quotas_of_both_versions():
    assert quota("150000 100000\n") == quota_v1("150000\n", "100000\n") == 1.5
    assert quota("max 100000\n") is None
    assert quota_v1("-1\n", "100000\n") is None
    assert quota("1 0\n") is None
    assert quota(None) is None


@given(st.text(), st.text(alphabet="0:/.cpu,\n "))
def test_no_text_raises(mounts: str, groups: str):
    assert cpu_groups(groups, mounts) == () or " - " in mounts
    root = cpu_groups(groups, V1_MOUNTS)
    assert all(group.path.startswith("/sys/fs/cgroup") for group in root)
    assert throttling(mounts) is None or "nr_throttled" in mounts
    assert (quota(mounts) or 1) > 0
