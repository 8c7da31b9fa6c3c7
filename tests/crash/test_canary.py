"""Passwords that sing: a full run with canaries for secrets, and a search in all that it left.

The run has a venue, a fleet of checks (good, refused, signed, encrypted, by QuickFIX), a venue that
sends back whatever it was told, a client that writes its password wherever one may, logs, stores
and exports, files with mistakes and of QuickFIX, all with Python's debugging switched on. Then
every file, temporary ones included, every line that was printed and every command line of a process
that ran is searched for the secrets, plain and in the encodings that a text may be in.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.crash.server import Server
from tests.live.peer import Peer, build, fields

CANARIES = {
    "password": "KANARIE-7F3A'<&>\"|=x1",
    "wrong": "KANARIE-WRONG-9Q",
    "new": "KANARIE-NEW-4Z",
    "secret": "KANARIE-HMAC-2B",
    "cipher": "KANARIE-CIPHER-8K",
    "stranger": "KANARIE-STRANGER-5T",
}

# In development mode asyncio and Python say most about themselves.
FIXGATE = (sys.executable, "-X", "dev", "-m", "fixgate")

VENUE = """
venue:
  listen: 127.0.0.1:0
  comp_id: VENUE
  store: {{path: {art}/venue-store}}
  sessions:
    - {{begin_string: FIX.4.4, theirs: GOOD, username: good, password: '${{file:{sec}/password}}'}}
    - {{begin_string: FIX.4.4, theirs: BAD, username: bad, password: '${{file:{sec}/password}}'}}
    - {{begin_string: FIX.4.4, theirs: NEW, username: new, password: '${{file:{sec}/password}}'}}
    - begin_string: FIX.4.4
      theirs: SIGNED
      username: signed
      signature: {{scheme: hmac, secret: '${{file:{sec}/secret}}', fields: [SendingTime, Username]}}
    - begin_string: FIX.5.0SP2
      theirs: SEALED
      username: sealed
      password: '${{file:{sec}/cipher}}'
      encrypted_password: {{cipher: rsa-oaep, key: {sec}/private.pem, method: 101}}
    - {{begin_string: FIX.4.4, theirs: OTHER, username: other, password: '${{env:CANARY}}'}}
    - {{begin_string: FIX.4.4, theirs: RUDE, username: rude, password: '${{file:{sec}/password}}'}}
    - {{begin_string: FIX.4.4, theirs: QF, username: qf, password: '${{file:{sec}/password}}'}}
""".replace(
    "begin_string: FIX.5.0SP2", "begin_string: FIXT.1.1\n      application_version: FIX.5.0SP2"
)

FLEET = """
defaults:
  connect: 127.0.0.1:{port}
  begin_string: FIX.4.4
  theirs: VENUE
  deadline: 4s
  store: {{path: {art}/check-store}}
sessions:
  - {{name: good, ours: GOOD, username: good, password: '${{file:{sec}/password}}'}}
  - {{name: bad, ours: BAD, username: bad, password: '${{file:{sec}/wrong}}'}}
  - {{name: new, ours: NEW, username: new, password: '${{file:{sec}/password}}',
      new_password: '${{file:{sec}/new}}'}}
  - {{name: stranger, ours: NOBODY, username: x, password: '${{file:{sec}/stranger}}'}}
  - name: signed
    ours: SIGNED
    username: signed
    signature: {{scheme: hmac, secret: '${{file:{sec}/secret}}', fields: [SendingTime, Username]}}
  - name: sealed
    ours: SEALED
    begin_string: FIXT.1.1
    application_version: FIX.5.0SP2
    username: sealed
    password: '${{file:{sec}/cipher}}'
    encrypted_password: {{cipher: rsa-oaep, key: {sec}/public.pem, method: 101}}
  - {{name: env, ours: OTHER, username: other, password: '${{env:CANARY}}'}}
  - {{name: parrot, connect: '127.0.0.1:{parrot}', ours: ECHO, username: good,
      password: '${{file:{sec}/password}}', new_password: '${{file:{sec}/new}}'}}
  - {{name: parrot that lets in, connect: '127.0.0.1:{parrot}', ours: FRIEND, username: good,
      password: '${{file:{sec}/password}}'}}
  - {{name: parrot and hmac, connect: '127.0.0.1:{parrot}', ours: HMAC, username: signed,
      signature: {{scheme: hmac, secret: '${{file:{sec}/secret}}', fields: [Username]}}}}
"""

# What QuickFIX can do of it.
PLAIN_FLEET = """
defaults:
  connect: 127.0.0.1:{port}
  begin_string: FIX.4.4
  theirs: VENUE
  deadline: 4s
  store: {{path: {art}/quickfix-store}}
  password: '${{file:{sec}/password}}'
sessions:
  - {{name: plain, ours: QF, username: qf}}
  - {{name: bad, ours: BAD, username: bad, password: '${{file:{sec}/wrong}}'}}
  - {{name: stranger, ours: NOBODY, username: x}}
  - {{name: parrot, connect: '127.0.0.1:{parrot}', ours: ECHO, username: good}}
  - {{name: parrot that lets in, connect: '127.0.0.1:{parrot}', ours: FRIEND, username: good}}
"""

MISTAKES = """
sessions:
  - name: literal
    connect: 127.0.0.1:1
    begin_string: FIX.4.4
    ours: A
    theirs: B
    username: a
    password: {password}
    pasword: {password}
"""


QUICKFIX = """
[DEFAULT]
ConnectionType=initiator
BeginString=FIX.4.4
SocketConnectHost=127.0.0.1
SocketConnectPort=1
[SESSION]
SenderCompID=A
TargetCompID=B
Username=a
Password={password}
NewPassword={new}
LogonTag=554={password}
SocketKeyPassword={secret}
pasword = {password}
Password: {password}
"""


def whole(peer: Peer, msg_type: str, *fields: str, number: int | None = None) -> bytes:
    """A message whose values may be anything: ``|`` is one of their characters."""
    stand_in = "\N{BULLET}".encode().decode("latin-1")
    body = "|".join(field.replace("|", stand_in) for field in fields) + "|"
    raw = peer.message(msg_type, body, number)
    body = (
        raw.partition(b"\x0135=")[2].rpartition(b"10=")[0].replace(stand_in.encode("latin-1"), b"|")
    )
    head = b"8=%b\x019=%d\x0135=%b" % (peer.begin_string.encode(), len(body) + 3, body)
    return head + b"10=%03d\x01" % (sum(head) % 256)


async def parrot(reader, writer) -> None:
    """Say everything back that was said, in every field and way there is."""
    peer = Peer(reader, writer, "VENUE", "GOOD", "FIX.4.4")
    with contextlib.suppress(EOFError, ConnectionError, TimeoutError):
        raw = await peer.read_raw()
        said = fields(raw)
        peer.target = said[49]
        heard = raw.decode("latin-1").replace("\x01", " ")
        secrets = [said[tag] for tag in (554, 925, 96) if tag in said]
        words = " and ".join(secrets)

        def say(msg_type: str, *fields: str) -> None:
            writer.write(whole(peer, msg_type, *fields))

        if said[49] == "FRIEND":
            say("A", "98=0", "108=30", f"58=welcome {words}", f"5001={words}")
            say("B", f"148={words}", "33=1", f"58={heard}")
            say("3", "45=1", "371=554", f"58={words}")
            say("j", "45=1", "372=A", "380=0", f"58={heard}")
            say("0", f"554={words}")
            say("8", "37=1", "17=1", "150=0", "39=0", f"55={words}", f"58={heard}", "54=1")
            writer.write(f"{heard} is no message {words}\x01".encode("latin-1"))
            writer.write(build("FIX.4.4", f"35=0|554={words}|") + raw)
            await peer.read_until("1")
            say("5", f"58=goodbye {words}")
        elif said[49] == "ECHO":
            say("5", f"58=wrong password {words} for {heard}")
        else:
            say("3", "45=1", f"58=cannot take {heard} with {words}")
        await writer.drain()
        await peer.read_until("5")
    writer.close()


async def rude(address) -> None:
    """A client that writes its password, which the venue knows, wherever it may."""
    password = CANARIES["password"]
    right = ("98=0", "108=30", "553=rude", f"554={password}")

    async def first(*fields: str, sender: str = "RUDE", spoilt: bool = False) -> None:
        peer = await Peer.connect(address, sender)
        raw = whole(peer, "A", *fields)
        peer.writer.write(raw[:-4] + b"999\x01" if spoilt else raw)
        with contextlib.suppress(EOFError, ConnectionError):
            await peer.read()
        await peer.close()

    for tag in (98, 108, 141, 464):
        kept = (field for field in right if not field.startswith(f"{tag}="))
        await first(*kept, f"{tag}={password}")
    await first(*right, spoilt=True)
    await first("98=0", f"553={password}", "554=rude", "108=30")
    await first(*right, sender=password.replace("|", ""))
    half = await Peer.connect(address, "RUDE")
    half.writer.write(whole(half, "A", *right)[:-20])
    await half.close()

    peer = await Peer.connect(address, "RUDE")
    number = peer.next_out
    peer.writer.write(whole(peer, "A", *right, "141=Y"))
    assert (await peer.read())[35] == "A", number
    for msg_type, *more in (
        ("BE", "923=1", "924=3", "553=rude", f"554={password}", f"925={CANARIES['new']}"),
        ("D", "11=1", f"554={password}", "55=ABC"),
        ("0", f"554={password}"),
        ("zz", f"925={password}", f"554={password}"),
        ("5", f"554={password}"),
    ):
        peer.writer.write(whole(peer, msg_type, *more))
        assert (await peer.read())[35] in "3j"
    spoilt = whole(peer, "0", f"554={password}", number=9)
    peer.writer.write(spoilt[:-4] + b"999\x01" + f"554={password}\x01 rubbish".encode())
    await peer.log_out()


class Seen:
    """Everything that was printed, and the processes that ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self.processes: set[str] = set()
        self.at_once = asyncio.Semaphore(2)

    def look_around(self) -> None:
        """Read the command line of every process of fixgate's."""
        for proc in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (proc / "cmdline").read_bytes()
                if b"fixgate" in command or b"quickfix" in command:
                    self.processes.add(command.decode("latin-1"))

    async def run(self, *arguments: str, canary: str = "", ok: tuple[int, ...] = (0,)) -> str:
        """Run fixgate; keep what it prints, on the screen and beside it."""
        env = {**os.environ, "XDG_STATE_HOME": str(self.folder / "state"), "COLUMNS": "200"}
        env.pop("CANARY", None)
        if canary:
            env["CANARY"] = canary
        async with self.at_once:
            process = await asyncio.create_subprocess_exec(
                *FIXGATE, *arguments, env=env,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            done = asyncio.create_task(process.communicate())
            while not done.done():
                self.look_around()
                await asyncio.wait([done], timeout=0.05)
        out, err = done.result()
        self.count += 1
        (self.folder / f"{self.count:02}-out.txt").write_bytes(out)
        (self.folder / f"{self.count:02}-err.txt").write_bytes(err)
        assert process.returncode in ok, (arguments, out, err)
        return out.decode()


def variants(secret: str) -> dict[str, bytes]:
    """The secret as it may stand somewhere."""
    raw = secret.encode()
    found = {"plain": raw, "hex": raw.hex().encode(), "upper hex": raw.hex().upper().encode()}
    # Whatever was before it, three of four bytes of base64 show it.
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + raw)
        found[f"base64 {shift}"] = text[4 : len(text) - 4]
    found["utf-16"] = secret.encode("utf-16-le")
    found["percent"] = urllib.parse.quote(secret).encode()
    found["json"] = json.dumps(secret)[1:-1].encode()
    # The part without characters that HTML, JSON or a terminal would change.
    found["core"] = secret.split("'")[0].encode()
    return found


@pytest.fixture
def secrets(tmp_path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, value in CANARIES.items():
        (folder / name).write_text(value)
        (folder / name).chmod(0o600)
    key = rsa.generate_private_key(65537, 2048)
    (folder / "private.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / "private.pem").chmod(0o600)
    (folder / "public.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (folder / "mistakes.yaml").write_text(MISTAKES.format(**CANARIES))
    (folder / "quickfix.cfg").write_text(QUICKFIX.format(**CANARIES))
    logon = build("FIX.4.4", f"35=A|34=1|49=A|56=B|98=0|108=30|553=a|554={CANARIES['password']}|"
                             f"925={CANARIES['new']}|96={CANARIES['secret']}|")  # fmt: skip
    (folder / "session.log").write_bytes(b"20260302-09:00:00.000 : " + logon + b"\n")
    return folder


@pytest.mark.timeout(120)
async def test_no_secret_is_in_anything_that_a_run_leaves(tmp_path, secrets, monkeypatch):
    art = tmp_path / "artefacts"
    art.mkdir()
    seen = Seen(art)
    monkeypatch.setenv("CANARY", CANARIES["password"])
    # Whatever is left in the folder for temporary files is searched, too.
    (art / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(art / "tmp"))
    venue = tmp_path / "venue.yaml"
    venue.write_text(VENUE.format(sec=secrets, art=art))
    parrots = await asyncio.start_server(parrot, "127.0.0.1", 0)
    async with Server(command=[*FIXGATE, "serve", str(venue)]) as server:
        address = await server.ready()
        fleet = tmp_path / "fleet.yaml"
        parrot_port = parrots.sockets[0].getsockname()[1]
        where = {"sec": secrets, "art": art, "port": address.port, "parrot": parrot_port}
        fleet.write_text(FLEET.format(**where))
        plain = tmp_path / "plain.yaml"
        plain.write_text(PLAIN_FLEET.format(**where))
        await rude(address)
        await a_run(seen, fleet, art)
        if importlib.util.find_spec("quickfix"):
            out = await seen.run("check", str(plain), "--engine", "quickfix", "-v", ok=(1,))
            assert any("plain" in line and "GO" in line for line in out.splitlines()), out
        login = ["--sender", "BAD", "--target", "VENUE", "--username", "bad"]
        for password, code in (("wrong", 1), ("password", 0)):
            file = ["--password-file", str(secrets / password)]
            await seen.run("check", str(address), *login, *file, "-v", ok=(code,))
        await looked_at(seen, fleet, venue, secrets, art)
        assert await server.terminate() == 0
        (art / "serve.txt").write_text(await server.rest())
    parrots.close()
    await parrots.wait_closed()
    searched = search(art, seen.processes)
    # The search can find something: the reports are there, and say who was refused.
    assert searched > 30
    assert b"NO-GO" in (art / "01-out.txt").read_bytes()
    assert b"553=good 554=***" in (art / "report.json").read_bytes()


async def a_run(seen: Seen, fleet: Path, art: Path) -> None:
    canary = CANARIES["password"]
    reports = ["--html", str(art / "report.html"), "--json", str(art / "report.json"),
               "--junit", str(art / "report.xml"), "--verbose"]  # fmt: skip
    out = await seen.run("check", str(fleet), *reports, canary=canary, ok=(1,))
    for name in ("good", "new", "signed", "sealed", "env"):
        assert any(name in line and "GO" in line for line in out.splitlines()), out
    await seen.run("check", str(fleet), "--nagios", canary=canary, ok=(0, 1, 2))
    # Kept up for a moment: those that are refused or echoed, and those that are up.
    for form in (("--json",), ("-v",)):
        await seen.run("watch", str(fleet), *form, "--for", "1s", canary=canary, ok=(1,))
    # A variable that is missing, and what another engine cannot do.
    await seen.run("check", str(fleet), ok=(2,))
    await seen.run("check", str(fleet), "--engine", "quickfix", canary=canary, ok=(2,))


async def looked_at(seen: Seen, fleet: Path, venue: Path, secrets: Path, art: Path) -> None:
    """Every command that looks at files: at those of the run, at mistakes, at another engine's."""
    canary, run = CANARIES["password"], seen.run
    mistakes, settings, log = (
        str(secrets / name) for name in ("mistakes.yaml", "quickfix.cfg", "session.log")
    )
    commands = [
        run("check", mistakes, ok=(2,)),
        run("config", "import", settings),
        run("config", "import", settings, "-o", str(art / "quickfix.yaml")),
        run("view", log),
        run("view", log, "--json", ok=(0, 2)),
    ]
    for form in ("check", "show"):
        commands += [run("config", form, str(file), canary=canary) for file in (fleet, venue)]
        commands.append(run("config", form, mistakes, ok=(2,)))
    for name in ("venue-store", "check-store"):
        store = str(art / name)
        commands += [
            run("store", "show", store, "--json"),
            run("store", "verify", store),
            run("store", "export", store),
        ]
        for kind in ("sqlite", "parquet"):
            commands.append(run("store", "export", store, "--to", kind, "-o", f"{store}.{kind}"))
    await asyncio.gather(*commands)
    moved = ("--session", "FRIEND", "--next-in", "900", "--reason", "a number moved by hand")
    await run("store", "set-seqnum", str(art / "check-store"), *moved)
    both = (str(art / "check-store"), str(art / "venue-store"))
    await run("store", "compare", *both, ok=(0, 1))


def search(folder: Path, processes: set[str]) -> int:
    """Search everything; return how many things were searched."""
    hits = []
    things = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    things |= {f"process {each!r}": each.encode("latin-1") for each in processes}
    key = "PRIVATE KEY"
    for where, data in things.items():
        for name, secret in CANARIES.items():
            for how, form in variants(secret).items():
                if form in data:
                    place = data.index(form)
                    hits.append((where, name, how, data[max(place - 60, 0) : place + 60]))
        if key.encode() in data:
            hits.append((where, "key", "pem", b""))
    assert hits == []
    return len(things)


@pytest.mark.parametrize("name", CANARIES)
def test_the_search_finds_what_is_there(tmp_path, name):
    for how, form in variants(CANARIES[name]).items():
        (tmp_path / "file").write_bytes(b"before " + form + b" after")
        with pytest.raises(AssertionError):
            search(tmp_path, set())
        assert how
    (tmp_path / "file").write_bytes(b"nothing")
    with pytest.raises(AssertionError):
        search(tmp_path, {f"fixgate check --password {CANARIES[name]}"})
