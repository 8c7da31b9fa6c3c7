import asyncio
import sys

from fixgate.net.loop import new_event_loop


def test_a_loop_that_runs():
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(asyncio.sleep(0, "ran")) == "ran"


def test_asyncios_own_where_there_is_no_uvloop(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)
    loop = new_event_loop()
    assert type(loop).__module__.startswith("asyncio")
    loop.close()
