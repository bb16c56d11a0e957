#!/usr/bin/env python3
"""Tokens in every direction: Portolan's registry and token service, Debian's docker-registry, skopeo, podman, and a signer
that is made of openssl.

usage: token_test.py PORTOLAN [unittest arguments]
"""

import base64
import contextlib
import json
import os
import pathlib
import signal
import sys
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from registry import Registry, free_port  # noqa: E402  (needs the path above)
from serving import Serving  # noqa: E402
from signer import Signer, b64url, claims, repository  # noqa: E402
from world import Client, World, digest_of  # noqa: E402

PORTOLAN = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "portolan"

RULES = """
  rules:
    - {users: [anonymous], repositories: ["public/**"], allow: [pull]}
    - {users: [kim], allow: [all]}
    - {users: [ci], repositories: ["apps/*"], allow: [pull, create]}
"""


def get(url, user=None, **fields):
    """A GET, with Basic credentials `user:password`. Gives status and text."""
    request = urllib.request.Request(url, headers=fields)
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def payload(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class TokenCase(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.home = self.world.home
        self.htpasswd = self.home / "htpasswd"
        entries = [self.world.must("htpasswd", "-Bbn", "-C", "5", user, password).decode().strip()
                   for user, password in (("kim", "k1m"), ("ci", "c1"))]
        self.htpasswd.write_text("\n".join(entries) + "\n")
        self.source = f"oci:{self.world.image}:latest"

    def keygen(self, name="token", *options):
        key = self.home / f"{name}.pem"
        self.world.must(PORTOLAN, "auth", "keygen", *options, "--certificate", self.home / f"{name}.crt", key)
        return key

    def configure(self, text):
        config = self.home / "config.yaml"
        config.write_text(text)
        return config

    def copy(self, source, target, *options):
        return self.world.run("skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", *options,
                              source, target)

    def may(self, result, allowed=True):
        self.assertEqual(result.returncode == 0, allowed, result.stderr.decode())

    def round_trip(self, address, repository="demo/app"):
        """Pushed and pulled by skopeo and podman, listed by skopeo and Portolan alike."""
        image = f"{address}/{repository}"
        self.may(self.copy(self.source, f"docker://{image}:1", "--dest-creds", "kim:k1m"))
        self.may(self.copy(f"docker://{image}:1", f"dir:{self.home}/back", "--src-creds", "kim:k1m"))
        authfile = self.home / "auth.json"
        for tool in ("skopeo", "podman", PORTOLAN):
            login = [tool, "login", "--tls-verify=false", "--authfile", authfile, "-u", "kim", "--password-stdin", address]
            self.assertNotEqual(self.world.run(*login, input=b"wrong").returncode, 0, tool)
            self.world.must(*login, input=b"k1m")
        self.world.must("podman", "pull", "--quiet", "--tls-verify=false", "--authfile", authfile, f"{image}:1")
        self.world.must("podman", "tag", f"{image}:1", f"{image}:2")
        self.world.must("podman", "push", "--quiet", "--tls-verify=false", "--authfile", authfile, f"{image}:2")
        lists = [self.world.must(tool, "list-tags", "--tls-verify=false", "--authfile", authfile, f"docker://{image}")
                 for tool in ("skopeo", PORTOLAN)]
        self.assertEqual(lists[0], lists[1])
        self.assertEqual(sorted(json.loads(lists[0])["Tags"]), ["1", "2"])
        self.may(self.copy(f"docker://{image}:1", f"dir:{self.home}/anonymous"), False)


class Own(TokenCase):
    """A registry that is its own token service."""

    def serve(self, keys, more=""):
        config = self.configure(f"auth:\n  htpasswd: {self.htpasswd}\n  token:\n    keys: {json.dumps([str(k) for k in keys])}\n"
                                + more + RULES)
        return self.enterContext(Serving(PORTOLAN, "--config", config))

    def token(self, scope="", user=None, service="portolan"):
        query = urllib.parse.urlencode({"service": service, "scope": scope})
        status, text = get(f"{self.serving.url}/token?{query}", user)
        self.assertEqual(status, 200, text)
        return json.loads(text)["token"]

    def test_the_tools(self):
        self.serving = self.serve([self.keygen()])
        self.round_trip(self.serving.address)

    def test_each_user_may_what_the_rules_say(self):
        self.serving = self.serve([self.keygen()])
        app, public = (f"docker://{self.serving.address}/{name}:1" for name in ("apps/one", "public/app"))
        self.may(self.copy(self.source, app, "--dest-creds", "ci:c1"))
        self.may(self.copy(self.source, public, "--dest-creds", "ci:c1"), False)
        self.may(self.copy(self.source, public, "--dest-creds", "kim:k1m"))
        self.may(self.copy(public, f"dir:{self.home}/anonymous"))
        self.may(self.copy(app, f"dir:{self.home}/hidden"), False)
        # Whoever may only create gets no `push`, and cannot move a tag.
        access = payload(self.token("repository:apps/one:pull,push", "ci:c1"))["access"]
        self.assertEqual(access, [repository("apps/one", "pull", "create")])
        other = self.home / "other"
        self.world.make_image(other, b"other content")
        self.may(self.copy(f"oci:{other}:latest", app, "--dest-creds", "ci:c1"), False)
        self.may(self.copy(f"oci:{other}:latest", app, "--dest-creds", "kim:k1m"))

    def test_a_token_gives_no_other_token(self):
        self.serving = self.serve([self.keygen()])
        token = self.token("repository:kim/app:pull", "kim:k1m")
        status, _ = get(f"{self.serving.url}/token?scope=repository:kim/app:pull", Authorization=f"Bearer {token}")
        self.assertEqual(status, 401)

    def test_podman_with_an_identity_token(self):
        """A refresh token as docker login keeps it. podman login asks for none (4.3), but podman uses one, as skopeo does."""
        root = self.home / "accounts"
        self.world.must(PORTOLAN, "user", "add", "--root", root, "--password-stdin", "ann", input=b"ann's word")
        audit = self.home / "audit.log"
        config = self.configure(f"auth:\n  token: {{keys: [{self.keygen()}]}}\n  rules: [{{users: [ann], allow: [all]}}]\n"
                                f"log: {{audit: {audit}}}\n")
        serving = self.enterContext(Serving(PORTOLAN, "--config", config, root=root))
        options = ("--tls-verify=false", "--authfile", self.home / "auth.json")

        self.world.must("podman", "login", *options, "-u", "ann", "--password-stdin", serving.address, input=b"ann's word")
        kept = json.loads((self.home / "auth.json").read_text())["auths"][serving.address]
        self.assertEqual(kept, {"auth": base64.b64encode(b"ann:ann's word").decode()})

        _, text = get(f"{serving.url}/token?service=portolan&offline_token=true&client_id=test", "ann:ann's word")
        login = {"auth": base64.b64encode(b"ann:").decode(), "identitytoken": json.loads(text)["refresh_token"]}
        (self.home / "auth.json").write_text(json.dumps({"auths": {serving.address: login}}))
        image = f"{serving.address}/ann/app"
        self.may(self.world.run("skopeo", "copy", "--quiet", "--dest-tls-verify=false", "--authfile", self.home / "auth.json",
                                self.source, f"docker://{image}:1"))
        self.world.must("podman", "pull", "--quiet", *options, f"{image}:1")
        self.world.must("podman", "tag", f"{image}:1", f"{image}:2")
        self.world.must("podman", "push", "--quiet", *options, f"{image}:2")
        tags = self.world.must(PORTOLAN, "list-tags", *options, f"docker://{image}")
        self.assertEqual(json.loads(tags)["Tags"], ["1", "2"])

        self.world.must(PORTOLAN, "user", "password", "--root", root, "--password-stdin", "ann", input=b"another word")
        self.wait_for(lambda: self.world.run("podman", "pull", "--quiet", *options, f"{image}:1").returncode != 0)
        events = [json.loads(line) for line in audit.read_text().splitlines()]
        self.assertEqual(sum(event["event"] == "refresh_token.issue" for event in events), 1)
        self.assertEqual([event["tags"] for event in events if event["event"] == "manifest.push"], ["1 created", "2 created"])
        refused = next(event for event in events if event["event"] == "token.refuse")
        self.assertIn("refresh token", refused["reason"])

    def test_mounting_needs_a_token_for_both(self):
        self.serving = self.serve([self.keygen()])
        client = self.enterContext(contextlib.closing(Client(self.serving.address)))
        target = f"docker://{self.serving.address}/kim/first:1"
        self.may(self.copy(self.source, target, "--dest-creds", "kim:k1m"))
        layer = json.loads(self.world.must("skopeo", "inspect", "--raw", "--tls-verify=false", "--creds", "kim:k1m",
                                           target))["layers"][0]["digest"]
        mount = f"/v2/kim/second/blobs/uploads/?mount={layer}&from=kim/first"

        def asked_with(scope):
            return client.request("POST", mount, headers={"Authorization": f"Bearer {self.token(scope, 'kim:k1m')}"})

        self.assertEqual(asked_with("repository:kim/second:pull,push")[0], 202, "a token for the target alone")
        status, headers, _ = client.request("POST", mount)
        self.assertEqual(status, 401)
        self.assertIn('scope="repository:kim/second:pull,push repository:kim/first:pull"', headers["WWW-Authenticate"])
        self.assertEqual(asked_with("repository:kim/second:pull,push repository:kim/first:pull")[0], 201)

    def test_changed_rules_count_at_once(self):
        self.serving = self.serve([self.keygen()])
        url = f"{self.serving.url}/v2/public/none/tags/list"
        token = self.token("repository:public/none:pull")
        bearer = {"Authorization": f"Bearer {token}"}
        self.assertEqual(get(url, **bearer)[0], 404)
        config = self.home / "config.yaml"
        config.write_text(config.read_text().replace("public/**", "elsewhere/**"))
        self.serving.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: get(url, **bearer)[0] != 404)
        self.assertEqual(get(url, **bearer)[0], 401)
        config.write_text("auth: {nonsense: 1}")
        self.serving.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: any("rules of before stay" in line for line in self.serving.lines))

    def wait_for(self, condition):
        end = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_keys_are_changed_with_overlap(self):
        old, new = self.keygen("old"), self.keygen("new", "--algorithm", "EdDSA")
        url = "/v2/public/none/tags/list"
        self.serving = self.serve([old])
        token = self.token("repository:public/none:pull")
        self.serving.stop()
        self.serving = self.serve([new, old])
        fresh = self.token("repository:public/none:pull")
        for one in (token, fresh):
            self.assertEqual(get(self.serving.url + url, Authorization=f"Bearer {one}")[0], 404)
        self.serving.stop()
        self.serving = self.serve([new])
        self.assertEqual(get(self.serving.url + url, Authorization=f"Bearer {token}")[0], 401)
        self.assertEqual(get(self.serving.url + url, Authorization=f"Bearer {fresh}")[0], 404)

    def test_expired_and_strange_tokens(self):
        """Made with openssl from the registry's own key: everything is right but what is named."""
        signer = Signer(self.home, "shared")
        pem = self.home / "shared.pem"
        pem.write_text(signer.key.read_text() + signer.certificate.read_text())
        self.serving = self.serve([pem])
        url = f"{self.serving.url}/v2/public/none/tags/list"
        kid = signer.thumbprint()
        now = int(time.time())
        access = [repository("public/none", "pull")]

        def status(token):
            return get(url, Authorization=f"Bearer {token}")[0]

        def made(**changes):
            said = claims("portolan", "portolan", access, sub="kim")
            said.update(changes)
            return signer.sign({k: v for k, v in said.items() if v is not None}, kid=kid)

        self.assertEqual(status(made()), 404, "right")
        self.assertEqual(status(made(aud=["elsewhere", "portolan"])), 404, "right")
        for name, changes in {
                "expired": {"iat": now - 900, "nbf": now - 900, "exp": now - 100}, "without an end": {"exp": None},
                "not yet": {"nbf": now + 200}, "of the future": {"iat": now + 200},
                "for another": {"aud": "elsewhere"}, "of another": {"iss": "elsewhere"}, "too long": {"exp": now + 999_999},
                "nobody's": {"access": [repository("other", "pull")]}}.items():
            with self.subTest(name):
                self.assertEqual(status(made(**changes)), 401)
        head, body, signature = made().split(".")
        none = b64url(json.dumps({"alg": "none", "typ": "JWT", "kid": kid}).encode())
        hmac = b64url(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode())
        twice = b64url(b'{"alg":"RS256","alg":"RS256","kid":"' + kid.encode() + b'"}')
        for name, token in {"unsigned": f"{none}.{body}.", "shared secret": f"{hmac}.{body}.{signature}",
                            "twice": f"{twice}.{body}.{signature}", "cut": f"{head}.{body}.{signature[:-8]}",
                            "huge": f"{head}.{'a' * 20_000}.{signature}", "nothing": "..", "empty": ""}.items():
            with self.subTest(name):
                self.assertEqual(status(token), 401)


class Distribution(TokenCase):
    """Debian's docker-registry takes the tokens of our token service."""

    def test_pushed_and_pulled(self):
        for algorithm, kid in (("RS256", "thumbprint"), ("ES256", "libtrust")):
            with self.subTest(algorithm):
                key = self.keygen(algorithm, "--algorithm", algorithm)
                config = self.configure(f"""
auth:
  htpasswd: {self.htpasswd}
  token: {{keys: [{key}], issuer: tokens.example, services: [registry.example], kid: {kid}}}
{RULES}""")
                with Serving(PORTOLAN, "--config", config, command=("auth", "serve")) as tokens, Registry(token={
                        "realm": f"{tokens.url}/token", "service": "registry.example", "issuer": "tokens.example",
                        "rootcertbundle": self.home / f"{algorithm}.crt"}) as registry:
                    self.round_trip(registry.address)
                    catalog = self.world.must(PORTOLAN, "list-repos", "--tls-verify=false", "--creds", "kim:k1m",
                                              registry.address)
                    self.assertEqual(json.loads(catalog)["Repositories"], ["demo/app"])


class Foreign(TokenCase):
    """Our registry takes the tokens of others."""

    def serve(self, issuer):
        config = self.configure(f"auth:\n  token: {{realm: 'http://127.0.0.1:{free_port()}/token'}}\n  issuers:\n"
                                f"    - {json.dumps(issuer)}\n")
        return self.enterContext(Serving(PORTOLAN, "--config", config))

    def test_of_a_separate_portolan(self):
        key = self.keygen()
        port = free_port()
        self.configure(f"auth:\n  htpasswd: {self.htpasswd}\n  token: {{keys: [{key}], issuer: far, services: [near]}}\n{RULES}")
        tokens = self.enterContext(Serving(PORTOLAN, "--config", self.home / "config.yaml", "--set", f"listen=127.0.0.1:{port}",
                                           command=("auth", "serve")))
        config = self.home / "registry.yaml"
        config.write_text(f"""
auth:
  token: {{realm: "{tokens.url}/token", services: [near]}}
  issuers:
    - {{issuer: far, audiences: [near], jwks: "{tokens.url}/.well-known/jwks.json"}}
""")
        serving = self.enterContext(Serving(PORTOLAN, "--config", config))
        self.round_trip(serving.address)

    def test_of_an_independent_signer_in_each_style(self):
        signer, stranger = Signer(self.home, "signer"), Signer(self.home, "stranger")
        jwks = self.home / "jwks.json"
        jwks.write_text(json.dumps({"keys": [{"kty": "oct", "k": "AAAA"}, {**signer.jwk, "kid": "2026-11", "use": "sig"}]}))
        serving = self.serve({"issuer": "signer", "jwks": str(jwks), "certificates": str(signer.certificate),
                              "repositories": ["team/**"]})
        url = f"{serving.url}/v2/team/app/tags/list"
        said = claims("signer", "portolan", [repository("team/app", "pull")])

        def status(token, target=url):
            return get(target, Authorization=f"Bearer {token}")[0]

        for name, header in {"kid of the key set": {"kid": "2026-11"}, "RFC 7638": {"kid": signer.thumbprint()},
                             "libtrust": {"kid": signer.libtrust()}, "certificates": {"x5c": signer.x5c()},
                             "jwk": {"jwk": signer.jwk}}.items():
            with self.subTest(name):
                self.assertEqual(status(signer.sign(said, **header)), 404, "let in: there is no such repository")
        for name, header in {"no name": {}, "unknown": {"kid": "2025-01"}, "of the other": {"kid": signer.thumbprint()},
                             "own certificates": {"x5c": stranger.x5c()}, "own jwk": {"jwk": stranger.jwk},
                             "critical": {"kid": "2026-11", "crit": ["exp"]}}.items():
            with self.subTest(name):
                self.assertEqual(status(stranger.sign(said, **header)), 401)
        elsewhere = signer.sign(claims("signer", "portolan", [repository("other/app", "pull")]), kid="2026-11")
        self.assertEqual(status(elsewhere, f"{serving.url}/v2/other/app/tags/list"), 401, "beyond its repositories")
        # A key that comes into the file counts from the next token on.
        jwks.write_text(json.dumps({"keys": [{**signer.jwk, "kid": "2026-11"}, {**stranger.jwk, "kid": "2026-12"}]}))
        time.sleep(1.1)
        self.assertEqual(status(stranger.sign(said, kid="2026-12")), 404)

    def test_identity_tokens_of_a_build(self):
        """Workload identity: what a build may do follows from its claims."""
        signer = Signer(self.home, "builds")
        jwks = self.home / "jwks.json"
        jwks.write_text(json.dumps({"keys": [{**signer.jwk, "kid": "k"}]}))
        key = self.keygen()
        config = self.configure(f"""
auth:
  token: {{keys: [{key}]}}
  rules: [{{users: ["ci:acme/app"], repositories: ["acme/**"], allow: [pull, create]}}]
  issuers:
    - issuer: https://builds.example
      audiences: [registry.example]
      jwks: {jwks}
      names: [{{user: "ci:${{repository}}", claims: {{owner: acme, ref: refs/heads/main}}}}]
""")
        serving = self.enterContext(Serving(PORTOLAN, "--config", config))

        def exchange(**more):
            said = claims("https://builds.example", "registry.example", None, owner="acme", ref="refs/heads/main",
                          repository="acme/app")
            said.update(more)
            del said["access"]
            form = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "service": "portolan",
                    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token", "client_id": "ci",
                    "subject_token": signer.sign(said, kid="k"), "scope": "repository:acme/app:pull,push"}
            request = urllib.request.Request(f"{serving.url}/token", urllib.parse.urlencode(form).encode())
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, json.loads(answer.read())
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, None

        status, reply = exchange()
        self.assertEqual(status, 200)
        self.assertEqual(reply["scope"], "repository:acme/app:pull,create")
        client = self.enterContext(contextlib.closing(Client(serving.address)))
        content = b"built"
        pushed, _, body = client.request("POST", f"/v2/acme/app/blobs/uploads/?digest={digest_of(content)}", content,
                                         {"Authorization": f"Bearer {reply['access_token']}"})
        self.assertEqual(pushed, 201, body)
        self.assertEqual(exchange(ref="refs/heads/other")[0], 401)
        self.assertEqual(exchange(aud="elsewhere")[0], 401)
        self.assertEqual(exchange(repository="other/app")[1]["scope"], "", "a name without rights")


if __name__ == "__main__":
    unittest.main(verbosity=2)
