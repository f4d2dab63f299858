"""A certificate authority that only this world trusts, and a certificate for each name."""
import os
import ssl
import subprocess

import names

CONFIG = """
[req]
distinguished_name = nobody
[nobody]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid
subjectAltName = DNS:${ENV::SAN}
"""


def openssl(own, *args, san="none"):
    return subprocess.Popen(["openssl", *args], cwd=own, env={**os.environ, "SAN": san},
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(process):
    said = process.communicate()[1]
    if process.returncode != 0:
        raise RuntimeError(f"openssl failed: {said.decode()}")


class Authority:
    """Its files are in @own; what programs are to trust is @own/../ca.pem."""

    def __init__(self, directory):
        self.own = f"{directory}/own"
        with open(f"{self.own}/openssl.cnf", "w", encoding="ascii") as f:
            f.write(CONFIG)
        for key in ("ca", "leaf"):
            finish(openssl(self.own, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{key}.key"))
        finish(openssl(self.own, "req", "-x509", "-config", "openssl.cnf", "-extensions", "ca", "-days", "3",
                       "-key", "ca.key", "-subj", "/CN=claude-sandbox test world", "-out", "../ca.pem"))
        self.make_leaves()
        self.contexts = {name: self.context(name) for name in names.CERTIFIED}

    def make_leaves(self):
        waiting = list(names.CERTIFIED)
        while waiting:
            few, waiting = waiting[:2], waiting[2:]
            for process in [self.leaf(name) for name in few]:
                finish(process)

    def leaf(self, name):
        return openssl(self.own, "req", "-x509", "-config", "openssl.cnf", "-extensions", "leaf", "-days", "2",
                       "-key", "leaf.key", "-CA", "../ca.pem", "-CAkey", "ca.key", "-subj", f"/CN={name}",
                       "-out", f"{name}.pem", san=name)

    def context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.own}/{name}.pem", f"{self.own}/leaf.key")
        context.set_alpn_protocols(["http/1.1"])
        return context

    def for_name(self, name):
        """The context of a name, or None."""
        return self.contexts.get(name) or self.contexts.get("*." + name.partition(".")[2])
