"""Files and folders: ids, rows, sides, settings, secrets."""

from __future__ import annotations

import pytest

from fixgate.config.scenarios import load_folder, load_scenarios
from fixgate.errors import ConfigError
from fixgate.net.settings import Address
from fixgate.scenario.model import Need, Requirement, Side
from fixgate.scenario.steps import Connect, Wait
from fixgate.session.settings import Credentials, Role
from fixgate.venue.model import VenueMode
from tests.config.scenarios.helpers import scenario, scenarios, write

S = 1_000_000_000
TAIL = "steps:\n  - connect\n  - expect: closed\n"
PLAIN = "title: Plain\nunder_test: venue\n" + TAIL


def test_what_is_not_said_has_defaults(tmp_path):
    found = scenario(tmp_path, PLAIN)
    assert (found.id, found.path) == ("some", str(tmp_path / "some.yaml"))
    assert (found.title, found.story, found.reaction, found.spec) == ("Plain", "", "", "")
    assert found.under_test is Side.VENUE
    assert found.requirement is Requirement.MUST
    assert (found.tags, found.needs, found.seed) == ((), frozenset(), None)
    assert (found.ignore, found.leftovers) == (frozenset(), False)
    assert found.limit_ns == (5 + 5 + 60) * S
    client, venue = found.actors
    assert client.session is not None
    assert venue.gateway is not None
    assert str(client.session.id) == "FIX.4.4:CLIENT->VENUE"
    assert client.session.role is Role.INITIATOR
    assert client.session.heartbeat_s == 30
    assert not client.session.observe
    assert client.session.resend_application
    assert venue.gateway.listen[0].address == Address("127.0.0.1", 0)
    assert venue.gateway.store.path is None
    (known,) = venue.gateway.sessions
    assert str(known.session.id) == "FIX.4.4:VENUE->CLIENT"


def test_everything_that_can_be_said(tmp_path):
    text = (
        "title: All\nstory: >\n  It\n  happens.\nreaction: So.\nunder_test: client\n"
        "requirement: SHOULD\nspec: case 4.b\ntags: [a, b-c]\nneeds: [resends, backup]\n"
        "seed: 7\nignore: [News, '8']\nleftovers: allowed\nwithin: 1s\nlimit: 1h\n" + TAIL
    )
    found = scenario(tmp_path, text)
    assert (found.story, found.reaction, found.spec) == ("It happens.", "So.", "case 4.b")
    assert found.requirement is Requirement.SHOULD
    assert (found.tags, found.seed, found.leftovers) == (("a", "b-c"), 7, True)
    assert found.needs == {Need.RESENDS, Need.BACKUP}
    assert found.ignore == {b"B", b"8"}
    assert found.limit_ns == 3600 * S
    assert isinstance(found.steps[0], Connect)
    assert found.steps[0].within_ns == S


def test_rows_and_sides_make_scenarios(tmp_path):
    text = (
        "title: Wait $HowLong\nunder_test: [client, venue]\nparameters: {HowLong: , Other: 1s}\n"
        "table:\n  - {row: short, HowLong: 2s}\n  - {row: long, HowLong: 9s, Other: 3s}\n"
        "steps:\n  - connect\n  - wait: $HowLong\n  - wait: ${Other}\n  - expect: closed\n"
    )
    found = scenarios(tmp_path, text)
    assert [each.id for each in found] == [
        "some[short]@client", "some[short]@venue", "some[long]@client", "some[long]@venue",
    ]  # fmt: skip
    assert [each.title for each in found] == ["Wait 2s"] * 2 + ["Wait 9s"] * 2
    waits = [[s.for_ns // S for s in each.steps if isinstance(s, Wait)] for each in found]
    assert waits == [[2, 1], [2, 1], [9, 3], [9, 3]]
    assert {s.on for s in found[0].steps if isinstance(s, Connect)} == {"venue"}
    assert {s.on for s in found[1].steps if isinstance(s, Connect)} == {"client"}


def test_a_parameter_may_be_a_list_or_a_mapping(tmp_path):
    text = (
        "title: t\nunder_test: venue\nparameters: {Fields: {Text: absent}, Types: [Logout, '3']}\n"
        "steps:\n  - connect\n  - expect: $Types\n    with: $Fields\n"
        "  - send: News\n    with: {Headline: cost $$5 $ each}\n"
    )
    found = scenario(tmp_path, text)
    assert found.steps[1].place.text == (
        "expect Logout(5) or Reject(3) with Text(58) absent, within 5s"
    )
    assert "cost $5 $ each" in found.steps[2].place.text


def test_settings_of_sessions_and_venues(tmp_path):
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "secret").chmod(0o600)
    text = (
        "title: t\nunder_test: venue\n"
        "session: {version: FIX.5.0SP2, client: ME, venue: YOU, heartbeat: 5s, username: me, "
        "password: '${file:secret}'}\n"
        "client:\n  numbering: {next_expected: true}\n"
        "venue:\n  mode: echo\n  duplicate_logon: replace_dead\n"
        "actors:\n  second: {like: client, numbering: {next_expected: false}}\n"
        "  other: {like: client, comp_id: HIM}\n  backup: {like: venue, mode: match}\n" + TAIL
    )
    actors = {actor.name: actor for actor in scenario(tmp_path, text).actors}
    assert list(actors) == ["client", "second", "other", "venue", "backup"]
    client, second = actors["client"].session, actors["second"].session
    assert client is not None
    assert second is not None
    assert str(client.id) == str(second.id) == "FIXT.1.1:ME->YOU"
    assert (client.default_appl_ver_id, client.heartbeat_s) == ("9", 5)
    assert client.credentials == Credentials("me", "hunter2")
    assert (client.numbering.next_expected, second.numbering.next_expected) == (True, False)
    venue, backup = actors["venue"].gateway, actors["backup"].gateway
    assert venue is not None
    assert backup is not None
    assert (venue.venue.mode, backup.venue.mode) == (VenueMode.ECHO, VenueMode.MATCH)
    assert [str(each.session.id) for each in venue.sessions] == [
        "FIXT.1.1:YOU->ME", "FIXT.1.1:YOU->HIM",
    ]  # fmt: skip
    assert venue.sessions[0].session.credentials == Credentials("me", "hunter2")
    assert venue.sessions[0].entry.replace_dead


def test_the_session_may_be_in_a_file_of_its_own(tmp_path):
    write(tmp_path, "version: FIX.4.2\nclient: $Who\nheartbeat: 7s\n", "sessions/desk.yaml")
    text = "title: t\nunder_test: venue\nsession: sessions/desk.yaml\n" + TAIL
    session = scenario(tmp_path, text).actors[0].session
    assert session is not None
    assert str(session.id) == "FIX.4.2:$Who->VENUE"
    assert session.heartbeat_s == 7


def test_secrets_need_not_be_there_to_check_a_file(tmp_path):
    text = "title: t\nunder_test: venue\nsession: {username: me, password: '${env:NONE}'}\n" + TAIL
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match="environment variable NONE is not set"):
        load_scenarios(path, environ={})
    assert load_scenarios(path, environ={}, secrets=False)


def test_a_folder(tmp_path):
    write(tmp_path, PLAIN, "b/second.yaml")
    write(tmp_path, PLAIN, "b/first.yml")
    write(tmp_path, PLAIN, "a.yaml")
    write(tmp_path, "steps:\n  - wait: 1s\n", "b/fragments/wait.yaml")
    write(tmp_path, "venue: {accept_any: true}\n", "venue.yaml")
    write(tmp_path, "not yaml: [", ".hidden/x.yaml")
    write(tmp_path, "", "notes.txt")
    found = load_folder(tmp_path)
    assert [each.id for each in found] == ["a", "b/first", "b/second"]
    (one,) = load_scenarios(tmp_path / "b" / "first.yml", root=tmp_path)
    assert one.id == "b/first"


def test_all_mistakes_of_a_folder_are_told_at_once(tmp_path):
    write(tmp_path, PLAIN.replace("connect", "conect"), "a.yaml")
    write(tmp_path, "title: [", "b.yaml")
    write(tmp_path, PLAIN, "c.yaml")
    write(tmp_path, PLAIN, "c.yml")
    with pytest.raises(ConfigError) as caught:
        load_folder(tmp_path)
    told = [str(each).partition("\n")[0] for each in caught.value.mistakes]
    assert [text.removeprefix(f"{tmp_path}/").partition(": ")[0] for text in told] == [
        "a.yaml:4:5", "b.yaml:1:1", "c.yml",
    ]  # fmt: skip
    assert told[2].endswith(f"its id 'c' is that of {tmp_path / 'c.yaml'} too (rename one)")


def test_folders_without_any(tmp_path):
    with pytest.raises(ConfigError, match="no scenarios below this folder"):
        load_folder(tmp_path)
    with pytest.raises(ConfigError, match="there is no such folder"):
        load_folder(tmp_path / "nowhere")


def test_a_file_is_no_scenario_by_a_symbolic_link_out_of_the_folder(tmp_path):
    write(tmp_path, "steps:\n  - wait: 1s\n", "outside/wait.yaml")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "outside" / "wait.yaml")
    path = write(inside, PLAIN + "  - include: link.yaml\n")
    with pytest.raises(ConfigError, match=r"'link.yaml' is outside of the folder"):
        load_scenarios(path)
