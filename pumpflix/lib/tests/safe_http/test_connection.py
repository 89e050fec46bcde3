import datetime as dt
import ipaddress
import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pumpflix.lib.safe_http.client import OutboundClient, OutboundRequest
from pumpflix.lib.safe_http.connection import open_connection
from pumpflix.lib.safe_http.dialer import Dialer
from pumpflix.lib.safe_http.errors import OutboundError
from pumpflix.lib.safe_http.policy import Limits, OutboundPolicy, parse_open_networks
from pumpflix.lib.tests.safe_http.servers import OPEN, reply

TODAY = dt.datetime.now(dt.UTC)


def loopback(host, exchange):
    return [ipaddress.ip_address("127.0.0.1")]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """`make(days)` is a certificate file for good.example that ends after so many days, with its key inside."""

    def make(days: int) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "good.example")])
        names = [x509.DNSName("good.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        built = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(TODAY - dt.timedelta(days=30))
            .not_valid_after(TODAY + dt.timedelta(days=days))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = tmp_path_factory.mktemp("tls") / f"{days}.pem"
        path.write_bytes(built.public_bytes(pem) + secret)
        return path

    return {days: make(days) for days in (30, -1)}


def tls_server(serve, certificate: Path):
    """A server and the names its clients asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str | None] = []
    context.sni_callback = lambda sock, name, ctx: asked.append(name)
    return serve(lambda request, sock: reply(b"secure"), tls=context), asked


class TestTls:
    def test_the_name_is_shown_and_verified_while_the_address_is_dialled(self, serve, certificates):
        server, asked = tls_server(serve, certificates[30])
        client = OutboundClient(replace(OPEN, ca_file=str(certificates[30])), resolver=loopback)
        for _ in range(2):
            assert client.send(OutboundRequest("GET", f"https://good.example:{server.port}/")).body == b"secure"
        assert asked == ["good.example"]
        assert server.connections == 1

    @pytest.mark.parametrize(
        "host, days, trusted, reason",
        [
            ("good.example", 30, False, "self-signed"),
            ("good.example", -1, True, "expired"),
            ("evil.example", 30, True, "mismatch"),
        ],
    )
    def test_bad_certificates_are_refused_with_the_reason(self, serve, certificates, host, days, trusted, reason):
        server, _ = tls_server(serve, certificates[days])
        policy = replace(OPEN, ca_file=str(certificates[days])) if trusted else OPEN
        with pytest.raises(OutboundError, match=reason) as caught:
            OutboundClient(policy, resolver=loopback).send(OutboundRequest("GET", f"https://{host}:{server.port}/"))
        assert caught.value.code == "tls_failed"
        assert server.seen == []

    def test_verification_can_be_switched_off_for_one_call(self, serve, certificates, client, code_of):
        server, _ = tls_server(serve, certificates[-1])
        url = f"https://127.0.0.1:{server.port}/"
        assert client.send(OutboundRequest("GET", url, verify_tls=False)).body == b"secure"
        assert code_of(lambda: client.send(OutboundRequest("GET", url))) == "tls_failed"

    def test_a_server_without_tls_is_told_apart(self, free_port, call, code_of):
        with socket.create_server(("127.0.0.1", free_port)) as listener:
            greeter = threading.Thread(target=lambda: listener.accept()[0].sendall(b"220 mail.example ready\r\n"))
            greeter.start()
            assert code_of(lambda: call(f"https://127.0.0.1:{free_port}/")) == "tls_failed"
            greeter.join()

    def test_a_handshake_that_never_ends_ends(self, free_port, code_of):
        client = OutboundClient(replace(OPEN, limits=Limits(connect_s=0.1, failure_s=0.0)))
        with socket.create_server(("127.0.0.1", free_port)):
            request = OutboundRequest("GET", f"https://127.0.0.1:{free_port}/")
            assert code_of(lambda: client.send(request)) == "timed_out"


class TestOtherProtocols:
    @pytest.fixture
    def echo(self, serve):
        """Answers each request line in its own words."""
        return serve(lambda request, sock: request.target.encode() + b"\n")

    def test_bytes_go_out_and_come_back(self, echo):
        connection = open_connection(Dialer(OPEN), "127.0.0.1", echo.port)
        connection.send(b"EHLO you there\r\n\r\n")
        assert connection.receive(100) == b"you\n"
        assert connection.socket.getpeername() == ("127.0.0.1", echo.port)
        connection.close()

    def test_tls_can_be_started_later(self, serve, certificates):
        server, asked = tls_server(serve, certificates[30])
        dialer = Dialer(replace(OPEN, ca_file=str(certificates[30])), loopback)
        connection = open_connection(dialer, "Good.Example", server.port)
        connection.start_tls()
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
        assert b"secure" in connection.receive(1_000)
        assert asked == ["good.example"]
        connection.close()

    @pytest.mark.requirement(22)
    @pytest.mark.parametrize(
        "host, port, code",
        [
            ("127.0.0.1", 465, "address_not_allowed"),
            ("::1", 465, "address_not_allowed"),
            ("[::1]", 465, "address_not_allowed"),
            ("localhost", 465, "address_not_allowed"),
            ("0x7f.1", 465, "address_not_allowed"),
            ("a b", 465, "url_invalid"),
            ("127.0.0.2", 6379, "port_not_allowed"),
        ],
    )
    def test_the_same_checks_hold(self, host, port, code, code_of):
        dialer = Dialer(OutboundPolicy(parse_open_networks("127.0.0.2"), limits=Limits(failure_s=0.0)))
        assert code_of(lambda: open_connection(dialer, host, port)) == code

    def test_a_protocol_reaches_its_own_port(self, code_of):
        dialer = Dialer(replace(OPEN, limits=Limits(connect_s=0.2, failure_s=0.0)))
        opened = lambda: open_connection(dialer, "127.0.0.250", 25, service_ports=frozenset({25}))  # noqa: E731
        assert code_of(opened) == "connect_failed"

    def test_a_lost_connection_says_so(self, serve, code_of):
        def reset(request, sock):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

        server = serve(reset)
        connection = open_connection(Dialer(OPEN), "127.0.0.1", server.port)
        connection.send(b"A b c\r\n\r\n")

        def talk():
            while connection.receive(10) or True:
                connection.send(b"x")

        assert code_of(talk) == "connection_lost"
        connection.close()

    def test_silence_has_an_end(self, free_port, code_of):
        with socket.create_server(("127.0.0.1", free_port)):
            connection = open_connection(Dialer(OPEN), "127.0.0.1", free_port, timeout_s=0.05)
            assert code_of(lambda: connection.receive(10)) == "timed_out"
            connection.close()
