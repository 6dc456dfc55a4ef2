"""The certificates of a directory, made by openssl: an authority for these tests and the certificate of the server."""

import subprocess

NAMES = "DNS:localhost,IP:127.0.0.1"

CA = """
[ca]
default_ca = ours
[ours]
dir = .
database = index.txt
new_certs_dir = .
serial = serial
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = any
[any]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = %s
"""


def make(folder, expired=False, other_name=False):
    """Writes ca.crt, server.crt (the leaf, then the authority) and server.key."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-sha256", "-days", "3650", "-subj", "/CN=Conforment - autorite d'essai", "-keyout", "ca.key",
            "-out", "ca.crt", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", "-new", *key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (folder / "ca.cnf").write_text(CA % ("DNS:autre-portail.example" if other_name else NAMES))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("1000\n")
    # Only `openssl ca` knows of dates in the past.
    dates = ["-startdate", "20240101000000Z", "-enddate", "20250101000000Z"] if expired else ["-days", "90"]
    openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-extensions", "leaf", *dates, "-in", "server.csr", "-out", "leaf.crt")
    (folder / "server.crt").write_text((folder / "leaf.crt").read_text() + (folder / "ca.crt").read_text())
    for secret in ("ca.key", "server.key"):
        (folder / secret).chmod(0o600)
