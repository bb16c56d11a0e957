"""A signer of tokens that shares nothing with Portolan: openssl and a few lines of Python. Names keys in each style."""

import base64
import hashlib
import json
import subprocess
import time


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True, capture_output=True).stdout


class Signer:
    """An RSA key with a certificate of its own."""

    def __init__(self, folder, name):
        self.key = folder / f"{name}.key"
        self.certificate = folder / f"{name}.crt"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.certificate,
                "-days", "2", "-subj", f"/CN={name}")
        modulus = openssl("x509", "-in", self.certificate, "-noout", "-modulus").decode().strip().split("=")[1]
        self.jwk = {"e": "AQAB", "kty": "RSA", "n": b64url(bytes.fromhex(modulus))}

    def thumbprint(self):  # RFC 7638
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return b64url(hashlib.sha256(text.encode()).digest())

    def libtrust(self):
        public = openssl("x509", "-in", self.certificate, "-noout", "-pubkey")
        der = openssl("pkey", "-pubin", "-outform", "DER", data=public)
        text = base64.b32encode(hashlib.sha256(der).digest()[:30]).decode()
        return ":".join(text[i:i + 4] for i in range(0, 48, 4))

    def x5c(self):
        return [base64.b64encode(openssl("x509", "-in", self.certificate, "-outform", "DER")).decode()]

    def sign(self, claims, algorithm="RS256", **header):
        parts = [b64url(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": algorithm, **header}, claims)]
        signature = openssl("dgst", "-sha256", "-sign", self.key, data=".".join(parts).encode())
        return ".".join([*parts, b64url(signature)])


def claims(issuer, audience, access, **more):
    now = int(time.time())
    return {"iss": issuer, "sub": "kim", "aud": audience, "exp": now + 300, "nbf": now - 10, "iat": now, "jti": "1",
            "access": access, **more}


def repository(name, *actions):
    return {"type": "repository", "name": name, "actions": list(actions)}
