"""What the end-to-end tests share: checks, images, a registry on loopback, and the program with an environment of its own."""

import base64
import collections
import concurrent.futures
import gzip
import hashlib
import http.client
import io
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import tarfile
import threading
import time
import traceback
import urllib.parse

USER, PASSWORD, WRONG_PASSWORD = "puller", "correct-horse-battery", "wrong-horse-battery"
TIME_LIMIT = 120

# ---------------------------------------------------------------------------------------------------------------- what is checked


class Checks:
    """Prints one line for each check that passes, and what was expected and found for each that does not."""

    def __init__(self):
        self.passed = self.failed = 0
        self.lock = threading.Lock()

    def that(self, title, holds, expected, got):
        with self.lock:
            if holds:
                self.passed += 1
                print(f"ok      {title}", flush=True)
            else:
                self.failed += 1
                print(f"FAILED  {title}\n    expected: {shorten(expected)}\n    got:      {shorten(got)}", flush=True)
        return holds

    def same(self, title, expected, got):
        return self.that(title, expected == got, expected, got)

    def none(self, title, problems):
        return self.that(title, not problems, "none", f"{len(problems)}: " + "; ".join(map(str, problems[:5])))

    def note(self, text):
        with self.lock:
            print(f"        {text}", flush=True)

    def part(self, title, function, *arguments):
        """Runs a part; an exception in it is one failed check, and the other parts go on."""
        try:
            function(*arguments)
        except Exception:
            self.that(title, False, "to run to its end", traceback.format_exc())


def shorten(value, limit=1500):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[:limit] + " [...]"


CHECKS = Checks()

# ---------------------------------------------------------------------------------------------------------------- references


def normal(reference):
    """The reference as a registry is asked for it: host, repository and tag, without a digest."""
    name = reference.split("@")[0]
    host, slash, rest = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = "docker.io", name
    if host in ("index.docker.io", "registry-1.docker.io"):
        host = "docker.io"
    if host == "docker.io" and "/" not in rest:
        rest = "library/" + rest
    if ":" not in rest:
        rest += ":latest"
    return f"{host}/{rest}"


def place(host):
    """The folder of the registry in which the images of another registry lie."""
    return host.replace(":", "-")


def is_direct(host):
    """Whether the reference itself names a registry of this script, so that no mirror is needed."""
    return host.startswith("127.0.0.1:")


def repository_and_tag(reference):
    host, _, rest = normal(reference).partition("/")
    repository, _, tag = rest.rpartition(":")
    return (repository if is_direct(host) else f"{place(host)}/{repository}"), tag


def hosts(references):
    return sorted({host for reference in references if not is_direct(host := normal(reference).partition("/")[0])})


# ---------------------------------------------------------------------------------------------------------------- images

OCI = {
    "index": "application/vnd.oci.image.index.v1+json",
    "manifest": "application/vnd.oci.image.manifest.v1+json",
    "config": "application/vnd.oci.image.config.v1+json",
    "layer": "application/vnd.oci.image.layer.v1.tar+gzip",
}
DOCKER = {
    "index": "application/vnd.docker.distribution.manifest.list.v2+json",
    "manifest": "application/vnd.docker.distribution.manifest.v2+json",
    "config": "application/vnd.docker.container.image.v1+json",
    "layer": "application/vnd.docker.image.rootfs.diff.tar.gzip",
}
KINDS = ["OCI index", "Docker manifest list", "OCI manifest", "Docker manifest"]
PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm/v7"]


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def layer():
    tar = io.BytesIO()
    tarfile.open(fileobj=tar, mode="w").close()
    return gzip.compress(tar.getvalue(), mtime=0), sha256(tar.getvalue())


LAYER, LAYER_UNPACKED = layer()


class Pushed:
    """What a tag holds: the digest and media type of the pushed bytes, and those of the children by platform."""

    def __init__(self, content, media_type, kind, children):
        self.content, self.media_type, self.kind, self.children = content, media_type, kind, children
        self.digest = sha256(content)


def manifest(words, reference, platform, generation):
    system, architecture, *variant = platform.split("/")
    config = {
        "architecture": architecture,
        "os": system,
        "config": {"Labels": {"reference": reference, "generation": str(generation)}},
        "rootfs": {"type": "layers", "diff_ids": [LAYER_UNPACKED]},
        "history": [],
    }
    if variant:
        config["variant"] = variant[0]
    config = json.dumps(config).encode()
    body = {
        "schemaVersion": 2,
        "mediaType": words["manifest"],
        "config": {"mediaType": words["config"], "size": len(config), "digest": sha256(config)},
        "layers": [{"mediaType": words["layer"], "size": len(LAYER), "digest": sha256(LAYER)}],
    }
    # Three spaces, as Docker writes them: who formats the JSON anew gets another digest.
    return config, json.dumps(body, indent=3).encode()


def build(reference, kind, platforms, generation):
    """Configurations, child manifests, and what the tag is to hold."""
    words = OCI if kind.startswith("OCI") else DOCKER
    if kind in ("OCI manifest", "Docker manifest"):
        config, body = manifest(words, reference, PLATFORMS[0], generation)
        return [config], [], Pushed(body, words["manifest"], kind, {})
    configs, bodies, children, entries = [], [], {}, []
    for platform in platforms + (["unknown/unknown"] if words is OCI else []):
        config, body = manifest(words, reference, platform, generation)
        configs.append(config)
        bodies.append((body, words["manifest"]))
        system, architecture, *variant = platform.split("/")
        about = {"architecture": architecture, "os": system}
        if words is DOCKER and platform == "linux/arm64":
            variant = ["v8"]
        if variant:
            about["variant"] = variant[0]
        entry = {"mediaType": words["manifest"], "digest": sha256(body), "size": len(body), "platform": about}
        if system == "unknown":
            entry["annotations"] = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": entries[0]["digest"]}
        else:
            children[platform] = (sha256(body), words["manifest"])
        entries.append(entry)
    body = json.dumps({"schemaVersion": 2, "mediaType": words["index"], "manifests": entries}, indent=3).encode()
    return configs, bodies, Pushed(body, words["index"], kind, children)


# ---------------------------------------------------------------------------------------------------------------- registries


class Registry:
    """A docker-registry on loopback that this script has started, and the table of what it holds."""

    def __init__(self, name, folder, password_file=None, certificate=None):
        self.name, self.folder, self.password_file, self.certificate = name, folder / name, password_file, certificate
        self.table, self.process, self.connections = {}, None, threading.local()
        self.context = ssl.create_default_context(cafile=str(certificate["ca"])) if certificate else None
        self.log = self.folder / "log"
        self.folder.mkdir()

    def start(self):
        for _ in range(5):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            config = self.folder / "config.yml"
            config.write_text(self.config())
            with open(self.log, "ab") as log:
                environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder)}
                command = ["docker-registry", "serve", str(config)]
                self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
            for _ in range(200):
                if self.process.poll() is not None:
                    break
                try:
                    if self.request("GET", "/v2/")[0] == 200:
                        return
                except OSError:
                    time.sleep(0.05)
            self.stop()
        raise RuntimeError(f"the {self.name} registry does not start: {self.log.read_text()[-2000:]}")

    def config(self):
        lines = [
            "version: 0.1",
            "log: {level: error}",
            f"storage: {{filesystem: {{rootdirectory: {json.dumps(str(self.folder / 'storage'))}}}, delete: {{enabled: true}}}}",
            "http:",
            f'  addr: "127.0.0.1:{self.port}"',
            "  secret: no-secret",
        ]
        if self.certificate:
            lines.append(f"  tls: {{certificate: {json.dumps(str(self.certificate['leaf']))}, key: {json.dumps(str(self.certificate['key']))}}}")
        if self.password_file:
            lines.append(f"auth: {{htpasswd: {{realm: chartpin, path: {json.dumps(str(self.password_file))}}}}}")
        return "\n".join(lines) + "\n"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def seen(self):
        """How many requests the registry has answered."""
        return len(re.findall(r'"[A-Z]+ /v2/\S* HTTP/', self.log.read_text()))

    def request(self, method, path, body=None, headers=()):
        headers = dict(headers)
        if self.password_file:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        for last in (False, True):
            connection = getattr(self.connections, "connection", None)
            if connection is None or connection.port != self.port:
                if self.context:
                    connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.context)
                else:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                self.connections.connection = connection
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                return response.status, response.headers, response.read()
            except (http.client.HTTPException, OSError):
                connection.close()
                if last:
                    raise

    def demand(self, status, method, path, body=None, headers=()):
        got, answered, content = self.request(method, path, body, headers)
        if got != status:
            raise RuntimeError(f"{self.name}: {method} {path} answers {got}: {content[:500]!r}")
        return answered

    def push_blob(self, repository, content, mount_from=None):
        digest = sha256(content)
        query = f"?mount={digest}&from={mount_from}" if mount_from else ""
        status, answered, _ = self.request("POST", f"/v2/{repository}/blobs/uploads/{query}", b"")
        if status == 201:
            return
        if status != 202:
            raise RuntimeError(f"{self.name}: an upload to {repository} answers {status}")
        location = urllib.parse.urlsplit(answered["Location"])
        query = location.query + ("&" if location.query else "") + urllib.parse.urlencode({"digest": digest})
        self.demand(201, "PUT", f"{location.path}?{query}", content, {"Content-Type": "application/octet-stream"})

    def push(self, reference, kind, platforms, generation=0):
        repository, tag = repository_and_tag(reference)
        configs, children, top = build(reference, kind, platforms, generation)
        if generation == 0:
            self.push_blob(repository, LAYER, "layers")
        for config in configs:
            self.push_blob(repository, config)
        for body, media_type in children:
            self.demand(201, "PUT", f"/v2/{repository}/manifests/{sha256(body)}", body, {"Content-Type": media_type})
        answered = self.demand(201, "PUT", f"/v2/{repository}/manifests/{tag}", top.content, {"Content-Type": top.media_type})
        if answered["Docker-Content-Digest"] != top.digest:
            raise RuntimeError(f"{self.name}: the registry holds {reference} as {answered['Docker-Content-Digest']}, not {top.digest}")
        self.table[normal(reference)] = top

    def push_again(self, reference, generation):
        """Another image of the same kind under the same tag."""
        known = self.table[normal(reference)]
        self.push(reference, known.kind, list(known.children), generation)

    def delete(self, reference):
        repository, tag = repository_and_tag(reference)
        known = self.table[normal(reference)]
        self.demand(202, "DELETE", f"/v2/{repository}/manifests/{known.digest}")
        for name in (tag, known.digest):
            self.demand(404, "GET", f"/v2/{repository}/manifests/{name}", headers={"Accept": known.media_type})

    def seed(self, wanted, own):
        """Pushes the images that all registries hold, and those whose references name this one."""
        wanted = wanted + own
        start = time.monotonic()
        self.push_blob("layers", LAYER)
        # One thread for a repository: the registry mixes up what is pushed to one repository at the same time.
        repositories = collections.defaultdict(list)
        for image in wanted:
            repositories[repository_and_tag(image[0])[0]].append(image)

        def push_all(images):
            for image in images:
                self.push(*image)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(push_all, sorted(repositories.values(), key=len, reverse=True)))
        kinds = collections.Counter(pushed.kind for pushed in self.table.values())
        took = time.monotonic() - start
        CHECKS.note(f"{self.name}: {len(self.table)} images in {took:.1f} s ({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))})")
        CHECKS.same(f"{self.name}: every image has a digest of its own", len(wanted), len({pushed.digest for pushed in self.table.values()}))

    def flags(self, references, address="127.0.0.1", port=None, trust=True):
        out = []
        for host in hosts(references):
            out += ["--mirror", f"{host}={address}:{port or self.port}/{place(host)}"]
        if self.certificate and trust:
            out += ["--ca-file", str(self.certificate["ca"])]
        return out


def images_to_push(references, kinds):
    """Each reference with a kind in turn, and with two platforms or three where the kind has platforms."""
    out = []
    for index, reference in enumerate(sorted({normal(reference) for reference in references})):
        three = index // len(kinds) % 2 == 0
        out.append((reference, kinds[index % len(kinds)], PLATFORMS if three else PLATFORMS[:2]))
    return out


# ---------------------------------------------------------------------------------------------------------------- files


def read_tree(folder):
    """Every file below a folder, by path: what a folder is compared with, and copied from."""
    out = {}
    for path, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            full = pathlib.Path(path, name)
            if full.is_file():
                out[full.relative_to(folder).as_posix()] = full.read_bytes()
    return out


def lay(files, folder):
    for path, content in files.items():
        full = folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content)
    return folder


def differing(before, after):
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


# ---------------------------------------------------------------------------------------------------------------- the program


class Done:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err
        try:
            self.json = json.loads(out)
        except ValueError:
            self.json = {}
        self.pins = self.json.get("pins", []) if isinstance(self.json, dict) else []

    def of(self, *statuses):
        return [pin for pin in self.pins if pin["status"] in statuses]

    def statuses(self):
        return dict(collections.Counter(pin["status"] for pin in self.pins))

    def __str__(self):
        failed = [f"{pin['reference']}: {pin['status']}: {pin.get('reason')}" for pin in self.pins if pin.get("reason")][:3]
        return f"exit code {self.code}, {self.statuses()}, {failed}, standard error: {self.err[-800:]!r}"


class Program:
    """The program with a home and a cache of its own, and nothing of this script's environment.

    Where a mirror has no answer, the program asks the registry itself. Nothing listens at the proxy, so that no request leaves this machine.
    """

    SECRETS = [
        secret
        for password in (PASSWORD, WRONG_PASSWORD)
        for secret in (password, *(base64.b64encode(text.encode()).decode().rstrip("=") for text in (password, f"{USER}:{password}")))
    ]
    leaks = []
    runs = 0
    proxy = socket.socket()
    proxy.bind(("127.0.0.1", 0))

    def __init__(self, binary, scratch, name, password=None, registry=None):
        self.binary, self.home = binary, scratch / f"home-{name}"
        self.home.mkdir()
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "NO_PROXY": "127.0.0.1,localhost",
        }
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            self.environment[name] = f"http://127.0.0.1:{self.proxy.getsockname()[1]}"
        if password:
            config = self.home / "docker"
            config.mkdir()
            auth = base64.b64encode(f"{USER}:{password}".encode()).decode()
            (config / "config.json").write_text(json.dumps({"auths": {f"127.0.0.1:{registry.port}": {"auth": auth}}}))
            self.environment["DOCKER_CONFIG"] = str(config)

    def run(self, *arguments, cwd):
        Program.runs += 1
        try:
            done = subprocess.run(
                [self.binary, *arguments], cwd=cwd, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT
            )
        except subprocess.TimeoutExpired:
            return Done("none", "", f"still running after {TIME_LIMIT} s")
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        self.look_for_secrets(" ".join(arguments[:3]), out + err)
        return Done(done.returncode, out, err)

    def look_for_secrets(self, where, text):
        Program.leaks.extend(f"{where}: {secret}" for secret in self.SECRETS if secret in text)

    def look_at_cache(self):
        for path, content in read_tree(self.home / "cache").items():
            self.look_for_secrets(f"cache {path}", content.decode(errors="replace"))


# ---------------------------------------------------------------------------------------------------------------- what a run did


def file_of(pin, folder):
    return pathlib.Path(os.path.normpath(os.path.join(folder, pin["file"]))).relative_to(folder).as_posix()


def unchanged(title, before, folder):
    CHECKS.none(f"{title}: nothing on disk is different", differing(before, read_tree(folder)))


def exits(title, code, done):
    return CHECKS.that(f"{title}: exit code {code}", done.code == code, f"exit code {code}", str(done))


def pushed_table(registry):
    return {reference: (pushed.digest, pushed.media_type) for reference, pushed in registry.table.items()}
