"""Conversations with real servers: what they answer, what is refused, and that nobody is waited for too long."""

import imaplib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from executions_app.adapters.connect import ConnectAdapter, RecordedConnect
from executions_app.tests.adapters import real_servers
from executions_app.tests.adapters.real_servers import HERE, PASSWORD, USER, adapter
from workflows_app.engine.errors import Canceled, OperationalError, ParameterError, PumpFlixError, RemoteError
from workflows_app.engine.outside import Answer, Ask, Server
from workflows_app.engine.ports import CallSite

pytestmark = pytest.mark.app

SITE = CallSite("Node", 0, 0, 0)


class Talk:
    def __init__(self, made: ConnectAdapter, speech: Any, **fields: Any) -> None:
        self.fields = {"host": HERE, **fields}
        self.conversation = made.open(Server(speech, self.fields))

    def ask(self, verb: str, data: bytes = b"", timeout_s: float = 20.0, **arguments: Any) -> Answer:
        return self.conversation.ask(SITE, Ask(verb, arguments, data, timeout_s))

    def run(self, *statements: Any, timeout_s: float = 20.0, **more: Any) -> Any:
        """The results of one item's statements."""
        work = [[[sql, values] for sql, values in statements]]
        return self.ask("run", timeout_s=timeout_s, work=work, **more).value[0]


def refused(error: pytest.ExceptionInfo[PumpFlixError]) -> tuple[str, str]:
    return error.value.instance_code, error.value.message


# PostgreSQL -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def database(servers: None) -> Iterator[dict[str, Any]]:
    url = os.environ["DATABASE_URL"]
    with real_servers.reachable(url, 5432) as port:
        parts = real_servers.urlsplit(url)
        yield {"port": port, "user": parts.username, "password": parts.password or "", "database": "postgres"}


@pytest.fixture
def postgres(database: dict[str, Any]) -> Iterator[Talk]:
    talk = Talk(adapter(), "postgres", **database)
    yield talk
    talk.conversation.close()


def test_values_of_postgresql_come_as_json(postgres: Talk) -> None:
    sql = """SELECT 1 AS one, 1.50 AS exact, 5::int8 AS big, 1.5::float8 AS real, 'NaN'::float8 AS none, true AS yes,
        NULL AS nothing, '{"a": [1]}'::jsonb AS facts, ARRAY['a', NULL, 'b c"'] AS words, ARRAY[[1, 2]] AS grid,
        timestamptz '2024-01-02 03:04:05.678+02' AS at, date '2024-01-02' AS day, interval '1 day 02:03' AS span,
        '\\x0102'::bytea AS bytes, point(1, 2.5) AS place, time '10:00' AS clock"""
    assert postgres.run([sql, []])["results"][0]["rows"] == [
        {
            "one": 1, "exact": "1.50", "big": "5", "real": 1.5, "none": None, "yes": True, "nothing": None,
            "facts": {"a": [1]}, "words": ["a", None, 'b c"'], "grid": [[1, 2]], "at": "2024-01-02T01:04:05.678Z",
            "day": "2024-01-02T00:00:00.000Z", "span": {"days": 1, "hours": 2, "minutes": 3},
            "bytes": {"type": "Buffer", "data": [1, 2]}, "place": {"x": 1, "y": 2.5}, "clock": "10:00:00",
        }
    ]  # fmt: skip
    assert postgres.run([sql, []], largeNumbers=True)["results"][0]["rows"][0]["exact"] == 1.5


def test_a_value_is_bound_and_never_read_as_sql(postgres: Talk) -> None:
    evil = "'; DROP TABLE orders; --"
    assert postgres.run(["SELECT $1 AS said", [[evil, 0]]])["results"][0]["rows"] == [{"said": evil}]


def test_a_parameter_whose_kind_nobody_knows_is_a_text(postgres: Talk) -> None:
    made = postgres.run(["SELECT json_build_object('a', $1) AS o", [["x", 0]]], ["SELECT 2 AS n", []], together="item")
    assert [one["rows"] for one in made["results"]] == [[{"o": {"a": "x"}}], [{"n": 2}]]


def test_statements_of_one_transaction_leave_nothing_when_one_fails(postgres: Talk) -> None:
    postgres.run(["CREATE TEMP TABLE kept (n int)", []])
    with pytest.raises(RemoteError) as caught:
        postgres.run(["INSERT INTO kept VALUES (1)", []], ["SELECT 1 / 0", []], together="all")
    assert refused(caught) == ("server_refused", "division by zero")
    assert caught.value.data["sqlState"] == "22012"
    assert caught.value.permanent


def test_items_that_fail_leave_the_others_alone(postgres: Talk) -> None:
    work = [[[f"SELECT 4 / {n} AS n", []]] for n in (2, 0, 4)]
    answers = postgres.ask("run", work=work, goOn=True).value
    assert [one.get("error") or one["results"][0]["rows"] for one in answers] == [
        [{"n": 2}], "division by zero", [{"n": 1}],
    ]  # fmt: skip


def test_a_query_without_end_is_ended_and_the_next_one_is_answered(postgres: Talk) -> None:
    began = time.monotonic()
    with pytest.raises(OperationalError) as caught:
        postgres.run(["SELECT pg_sleep(60)", []], timeout_s=1)
    assert caught.value.instance_code == "deadline_exceeded"
    assert time.monotonic() - began < 10
    running = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active'"
    assert postgres.run([f"{running} AND pid <> pg_backend_pid()", []])["results"][0]["rows"] == [{"n": "0"}]


def test_a_canceled_run_waits_no_longer(database: dict[str, Any]) -> None:
    def poll() -> None:
        raise Canceled

    began = time.monotonic()
    with pytest.raises(Canceled):
        Talk(adapter(poll=poll), "postgres", **database).run(["SELECT pg_sleep(60)", []])
    assert time.monotonic() - began < 10


def test_a_flood_of_rows_is_refused(postgres: Talk) -> None:
    with pytest.raises(OperationalError) as caught:
        postgres.run(["SELECT repeat('x', 1000000) FROM generate_series(1, 1000)", []])
    assert caught.value.instance_code == "too_large"


def test_a_wrong_account_is_told_in_the_servers_words(database: dict[str, Any]) -> None:
    with pytest.raises(RemoteError) as caught:
        Talk(adapter(), "postgres", **database | {"user": "nobody here", "password": "s3cret"}).run(["SELECT 1", []])
    assert refused(caught)[0] == "server_refused"
    assert "s3cret" not in str(caught.value.to_json())


@pytest.mark.requirement(22)
@pytest.mark.parametrize("speech", ["postgres", "mysql", "redis", "imap", "ftp", "sftp", "ssh"])
def test_no_server_of_a_private_network_is_reached(speech: str) -> None:
    closed = ConnectAdapter(real_servers.Dialer(real_servers.OutboundPolicy()))
    with pytest.raises(ParameterError) as caught:
        Talk(closed, speech, port=5).ask("run", work=[], commands=[], mailbox="", command="", path="/")
    assert caught.value.instance_code == "address_not_allowed"


@pytest.mark.parametrize("fields", [{"host": " "}, {"port": "x"}, {"port": 99_999}])
def test_a_credential_that_names_no_server_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ParameterError) as caught:
        Talk(adapter(), "redis", **fields).ask("commands", commands=[["PING"]])
    assert caught.value.instance_code == "credential_incomplete"


def test_nothing_leaves_before_the_intent_is_stored_and_no_answer_is_asked_for_again(postgres: Talk) -> None:
    class Session:
        """Keeps what a worker would write."""

        def __init__(self, calls: dict[CallSite, bytes]) -> None:
            self.calls = calls
            self.barriers = 0

        def barrier(self, site: CallSite) -> None:
            self.barriers += 1

        def recorded_call(self, site: CallSite) -> bytes | None:
            return self.calls.get(site)

        def keep_call(self, site: CallSite, answer: bytes) -> None:
            self.calls[site] = answer

    fields = postgres.fields
    first, again = Session({}), Session({})
    again.calls = first.calls
    question = Ask("run", {"work": [[["SELECT random() AS n", []]]]})
    answers = []
    for session in (first, again):
        inner = ConnectAdapter(adapter()._dialer, session.barrier)
        talk = RecordedConnect(inner, session).open(Server("postgres", fields))  # type: ignore[arg-type]
        answers.append(talk.ask(SITE, question))
        talk.close()
    assert answers[0] == answers[1]
    assert (first.barriers, again.barriers) == (1, 0)
    assert talk.ask(SITE, Ask("run", {"work": [[["SELECT 1 AS n", []]]]})).value[0]["results"][0]["rows"] == [{"n": 1}]
    talk.close()


# Redis ----------------------------------------------------------------------------------------------------------------
@pytest.fixture
def redis_talk(redis_client: Any) -> Iterator[Talk]:
    url = os.environ["REDIS_URL"]
    number = redis_client.connection_pool.connection_kwargs.get("db", 0)
    with real_servers.reachable(url, 6379) as port:
        talk = Talk(adapter(), "redis", port=port, database=number, password=real_servers.urlsplit(url).password or "")
        yield talk
        talk.conversation.close()


def test_redis_answers_each_command(redis_talk: Talk) -> None:
    commands = [["SET", "k", "grün"], ["GET", "k"], ["GET", "none"], ["RPUSH", "l", "a", "b"],
                ["LRANGE", "l", "0", "-1"],
                ["HSET", "h", "f", "1"], ["HGETALL", "h"]]  # fmt: skip
    assert redis_talk.ask("commands", commands=commands).value == ["OK", "grün", None, 2, ["a", "b"], 1, ["f", "1"]]
    assert sorted(redis_talk.ask("scan", pattern="*").value) == ["h", "k", "l"]


def test_a_refusal_of_redis_is_told_and_the_conversation_goes_on(redis_talk: Talk) -> None:
    with pytest.raises(RemoteError, match="WRONGTYPE"):
        redis_talk.ask("commands", commands=[["SET", "k", "v"], ["LPUSH", "k", "x"]])
    assert redis_talk.ask("commands", commands=[["GET", "k"]]).value == ["v"]


def test_a_pop_that_waits_for_ever_is_ended(redis_talk: Talk) -> None:
    with pytest.raises(OperationalError) as caught:
        redis_talk.ask("commands", commands=[["BLPOP", "empty", "0"]], timeout_s=1)
    assert caught.value.instance_code == "deadline_exceeded"


# MySQL ----------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def mysql_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    if not real_servers.program("mariadbd"):
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server-core")
    with real_servers.mariadb(tmp_path_factory.mktemp("mariadb")) as port:
        yield port


@pytest.fixture
def mysql(mysql_port: int) -> Iterator[Talk]:
    talk = Talk(adapter(mysql_port), "mysql", port=mysql_port, user=USER, password=PASSWORD, database="shop")
    yield talk
    talk.conversation.close()


def test_values_of_mysql_come_as_json(mysql: Talk) -> None:
    sql = """SELECT 1 AS one, 1.50 AS exact, 9007199254740993 AS big, 1.5e0 AS real_, NULL AS nothing, x'0102' AS bytes,
        CAST('2024-01-02 03:04:05' AS DATETIME) AS at, 'ü' AS word, '50%%' AS rate"""
    shown = {"one": 1, "exact": "1.50", "big": "9007199254740993", "real_": 1.5, "nothing": None,
             "bytes": {"type": "Buffer", "data": [1, 2]}, "at": "2024-01-02 03:04:05", "word": "ü",
             "rate": "50%"}  # fmt: skip
    assert mysql.run([sql, []])["results"][0]["rows"] == [shown]
    row = mysql.run([sql, []], decimals=True, dates=True)["results"][0]["rows"][0]
    assert (row["exact"], row["at"]) == (1.5, "2024-01-02T03:04:05.000Z")


def test_a_value_for_mysql_is_never_read_as_sql(mysql: Talk) -> None:
    evil = "\\'; DROP TABLE orders; -- %s"
    assert mysql.run(["SELECT %s AS said", [evil]])["results"][0]["rows"] == [{"said": evil}]


def test_mysql_tells_of_rows_it_touched_and_takes_all_back_when_one_fails(mysql: Talk) -> None:
    mysql.run(["CREATE OR REPLACE TABLE kept (id int AUTO_INCREMENT PRIMARY KEY, n int) ENGINE=InnoDB", []])
    header = mysql.run(["INSERT INTO kept (n) VALUES (%s)", [5]])["results"][0]["header"]
    assert (header["affectedRows"], header["insertId"]) == (1, 1)
    with pytest.raises(RemoteError, match="doesn't exist"):
        mysql.run(["INSERT INTO kept (n) VALUES (6)", []], ["SELECT * FROM missing", []], together="all")
    assert mysql.run(["SELECT n FROM kept", []])["results"][0]["rows"] == [{"n": 5}]


def test_a_query_of_mysql_without_end_is_ended_on_the_server_too(mysql: Talk) -> None:
    with pytest.raises(OperationalError):
        mysql.run(["SELECT SLEEP(60)", []], timeout_s=1)
    running = "SELECT count(*) AS n FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%%'"
    assert mysql.run([running, []])["results"][0]["rows"] == [{"n": 0}]


def test_a_wrong_password_of_mysql_is_told(mysql_port: int) -> None:
    with pytest.raises(RemoteError, match="Access denied"):
        Talk(adapter(), "mysql", port=mysql_port, user=USER, password="no").run(["SELECT 1", []])


# files ----------------------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files" / "sub").mkdir(parents=True)
    (tmp_path / "files" / "a.txt").write_bytes(b"hello")
    (tmp_path / "files" / "sub" / "b.txt").write_bytes(b"deep")
    return tmp_path / "files"


@pytest.fixture
def key(tmp_path: Path) -> Any:
    made = asyncssh.generate_private_key("ssh-ed25519")
    made.write_public_key(str(tmp_path / "keys"))
    return made


@pytest.fixture(params=["ftp", "sftp"])
def files(request: pytest.FixtureRequest, folder: Path, key: Any, tmp_path: Path) -> Iterator[Talk]:
    server = (
        real_servers.ftp_server(folder)
        if request.param == "ftp"
        else real_servers.ssh_server(folder, tmp_path / "keys")
    )
    with server as port:
        talk = Talk(adapter(), request.param, port=port, username=USER, password=PASSWORD)
        yield talk
        talk.conversation.close()


def test_a_folder_is_listed_with_what_is_below(files: Talk) -> None:
    found = files.ask("list", path="/", recursive=True).value
    assert sorted((one["path"], one["type"]) for one in found) == [
        ("/a.txt", "-"), ("/sub", "d"), ("/sub/b.txt", "-"),
    ]  # fmt: skip
    entry = next(one for one in found if one["name"] == "a.txt")
    assert (entry["size"], entry["rights"]["user"]) == (5, "rw")
    assert entry["modifyTime"].endswith(".000Z")


def test_files_are_put_fetched_moved_and_deleted(files: Talk, folder: Path) -> None:
    files.ask("put", data=b"\x00new" * 50_000, path="/in/new.bin")
    assert files.ask("get", path="/in/new.bin").files == (b"\x00new" * 50_000,)
    files.ask("rename", **{"from": "/in/new.bin", "to": "/out/old.bin", "makeFolders": True})
    assert (folder / "out" / "old.bin").stat().st_size == 200_000
    files.ask("delete", path="/out", folder=True, recursive=True)
    assert not (folder / "out").exists()


def test_a_file_that_is_not_there_is_told_and_the_conversation_goes_on(files: Talk) -> None:
    with pytest.raises(RemoteError, match="No such file"):
        files.ask("get", path="/nope")
    assert files.ask("get", path="/a.txt").files == (b"hello",)


def test_a_path_with_a_line_break_is_no_second_command(files: Talk, folder: Path) -> None:
    with pytest.raises(PumpFlixError):
        files.ask("get", path="/nope\r\nDELE /a.txt")
    assert (folder / "a.txt").exists()


def test_a_command_runs_with_password_and_with_key(folder: Path, key: Any, tmp_path: Path) -> None:
    text = key.export_private_key("openssh").decode()
    with real_servers.ssh_server(folder, tmp_path / "keys") as port:
        for secret in ({"password": PASSWORD}, {"privateKey": text}):
            talk = Talk(adapter(), "ssh", port=port, username=USER, **secret)
            answer = talk.ask("run", command="cat a.txt; echo oops >&2; exit 3").value
            assert answer == {"code": 3, "signal": None, "stdout": "hello", "stderr": "oops"}
            talk.conversation.close()


@pytest.mark.parametrize(
    "secret, code", [({"password": "no"}, "server_refused"), ({"privateKey": "junk"}, "credential_incomplete")]
)
def test_who_may_not_sign_in_is_told(folder: Path, key: Any, tmp_path: Path, secret: Any, code: str) -> None:
    with real_servers.ssh_server(folder, tmp_path / "keys") as port, pytest.raises(PumpFlixError) as caught:
        Talk(adapter(), "ssh", port=port, username=USER, **secret).ask("run", command="true")
    assert caught.value.instance_code == code


def test_a_command_without_end_is_left(folder: Path, key: Any, tmp_path: Path) -> None:
    with real_servers.ssh_server(folder, tmp_path / "keys") as port, pytest.raises(OperationalError) as caught:
        Talk(adapter(), "ssh", port=port, username=USER, password=PASSWORD).ask("run", command="sleep 9", timeout_s=1)
    assert caught.value.instance_code == "deadline_exceeded"


# mailboxes ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def mailbox() -> Iterator[int]:
    if not real_servers.program("dovecot") or os.getuid() != 0:
        pytest.skip("Dovecot is not installed, or this is not root: apt-get install dovecot-imapd")
    # Another user reads it, who may not look into the folders of pytest.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, real_servers.dovecot(Path(folder)) as port:
        with imaplib.IMAP4(HERE, port) as client:
            client.login(USER, PASSWORD)
            for number in (1, 2):
                client.append("INBOX", "", "", f"Subject: mail {number}\r\n\r\nbody {number}\r\n".encode())
        yield port


def test_mails_are_found_fetched_and_marked(mailbox: int) -> None:
    talk = Talk(adapter(), "imap", port=mailbox, user=USER, password=PASSWORD, secure=False)
    found = talk.ask("search", mailbox="INBOX", criteria=["UNSEEN"]).value
    fetched = talk.ask("fetch", mailbox="INBOX", uids=found["uids"])
    assert [one["uid"] for one in fetched.value] == [1, 2]
    assert [b"body" in file for file in fetched.files] == [True, True]
    assert talk.ask("search", mailbox="INBOX", criteria=["UNSEEN"]).value == found
    talk.ask("mark", mailbox="INBOX", uids=[1])
    assert talk.ask("search", mailbox="INBOX", criteria=["UNSEEN"]).value["uids"] == [2]
    assert talk.ask("search", mailbox="INBOX", criteria=["SUBJECT", '"mail 1"']).value["uids"] == [1]
    talk.conversation.close()


def test_a_mailbox_that_is_not_there_and_a_wrong_password_are_told(mailbox: int) -> None:
    with pytest.raises(RemoteError, match="doesn't exist"):
        Talk(adapter(), "imap", port=mailbox, user=USER, password=PASSWORD, secure=False).ask(
            "search", mailbox="nope", criteria=["ALL"]
        )
    with pytest.raises(RemoteError, match="Authentication failed"):
        Talk(adapter(), "imap", port=mailbox, user=USER, password="no", secure=False).ask(
            "search", mailbox="INBOX", criteria=["ALL"]
        )
