"""The demo's own certificate authority, and certificates that are wrong on purpose.

Good certificates are valid from 2000 to 3000, so that clients with a different clock (libfaketime)
accept them.
"""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OTHER_HOST = "*.hypstarcdn.com"  # the real CDN sometimes shows certificates with this wrong name


class Authority:
    """Makes one server context for each host name."""

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="TikTok-Retrieval demo")
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}
        self._lock = Lock()

    def write_certificate(self, path: Path) -> None:
        """Write the certificate that clients have to trust, as PEM."""
        self._ca.cert_pem.write_to_path(path)

    def context(self, host: str, fault: str = "") -> ssl.SSLContext:
        """A server context with a good certificate for `host`, or with a faulty one."""
        with self._lock:
            if (host, fault) not in self._contexts:
                self._contexts[host, fault] = self._make(host, fault)
            return self._contexts[host, fault]

    def _make(self, host: str, fault: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        day = timedelta(days=1)
        now = datetime.now(UTC)
        names = [host] if host != "localhost" else [host, "127.0.0.1", "::1"]
        if fault == "self-signed-certificate":
            _load_self_signed(context, host)
            return context
        if fault == "wrong-host-certificate":
            leaf = self._ca.issue_cert(OTHER_HOST)
        elif fault == "expired-certificate":
            leaf = self._ca.issue_cert(*names, not_after=now - day)
        elif fault == "future-certificate":
            leaf = self._ca.issue_cert(*names, not_before=now + day)
        else:
            leaf = self._ca.issue_cert(*names)
        leaf.configure_cert(context)
        return context


def _load_self_signed(context: ssl.SSLContext, host: str) -> None:
    """Give `context` a self-signed certificate for `host`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "self-signed")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "self-signed.pem"  # the ssl module reads keys only from files
        key_pem = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
        file.write_bytes(key_pem + certificate.public_bytes(pem))
        context.load_cert_chain(file)
