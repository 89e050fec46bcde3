"""Servers that want to see a certificate."""

import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from pumpflix.lib.safe_http import TlsIdentity
from pumpflix.lib.tests.safe_http.servers import Server, reply


class Authority:
    """Signs certificates for a test."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self.signed(self.name, self.key, is_authority=True)

    def signed(self, name, key, *, is_authority=False):
        now = datetime.datetime.now(datetime.UTC)
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = (
            x509.CertificateBuilder(self.name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(names, critical=False)
        )
        return builder.sign(self.key, hashes.SHA256())

    def pair(self, common_name, passphrase=""):
        """Certificate and key of somebody, as PEM texts."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.signed(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)]), key)
        lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return text_of(certificate), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode()

    @property
    def text(self):
        return text_of(self.certificate)


def text_of(certificate):
    return certificate.public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def guarded(authority, tmp_path):
    """A server that lets in whom the authority knows, and says who that is."""
    certificate, key = authority.pair("server")
    (tmp_path / "server.pem").write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.load_verify_locations(cadata=authority.text)
    context.verify_mode = ssl.CERT_REQUIRED

    def answer(request, sock):
        subject = dict(pair[0] for pair in sock.getpeercert()["subject"])
        if request.target == "/away":
            return reply(b"", "302 Found", Location="https://127.0.0.1:1/")
        return reply(subject["commonName"].encode())

    made = Server(answer, tls=context)
    yield made
    made.close()


@pytest.mark.parametrize("passphrase", ["", "opens it"])
def test_a_certificate_is_shown_to_the_server(call, guarded, authority, passphrase):
    certificate, key = authority.pair("ann", passphrase)
    identity = TlsIdentity(certificate, key, passphrase, authority.text)
    assert call(guarded.url, identity=identity).body == b"ann"


def test_two_callers_never_share_a_connection(call, guarded, authority):
    for name in ("ann", "bob", "ann"):
        identity = TlsIdentity(*authority.pair(name), authority=authority.text)
        assert call(guarded.url, identity=identity).body == name.encode()
    assert guarded.connections == 3


def test_without_one_the_server_lets_nobody_in(call, guarded, authority, code_of):
    identity = TlsIdentity(authority=authority.text)
    assert code_of(lambda: call(guarded.url, identity=identity)) in ("tls_failed", "connection_lost")


def test_a_server_of_an_unknown_authority_is_not_trusted(call, guarded, authority, code_of):
    identity = TlsIdentity(*authority.pair("ann"))
    assert code_of(lambda: call(guarded.url, identity=identity)) == "tls_failed"


@pytest.mark.parametrize("broken", [{"certificate": "x"}, {"key": "x"}, {"passphrase": "wrong"}, {"authority": "x"}])
def test_what_is_no_certificate_is_said_without_showing_it(call, guarded, authority, code_of, broken):
    certificate, key = authority.pair("ann", "right")
    given = {"certificate": certificate, "key": key, "passphrase": "right", "authority": authority.text, **broken}
    assert code_of(lambda: call(guarded.url, identity=TlsIdentity(**given))) == "tls_failed"


def test_a_key_is_not_printed(authority):
    _, key = authority.pair("ann")
    assert key not in repr(TlsIdentity("c", key, "secret"))
