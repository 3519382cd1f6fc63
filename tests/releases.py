"""A release on loopback, as the action and the Helm plugin fetch it: archives of a real program, their checksums, and a server."""

import functools
import hashlib
import http.server
import pathlib
import platform
import re
import shutil
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSION = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
SYSTEMS = {"Linux": "unknown-linux-musl", "Darwin": "apple-darwin"}
TARGET = f"{MACHINES[platform.machine()]}-{SYSTEMS[platform.system()]}"
ARCHIVE = f"chartpin-{TARGET}.tar.gz"


def small(program, folder):
    """The program without its debugging symbols: a tenth of it."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "-o", folder / "chartpin", program], check=True)
    return folder / "chartpin"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Releases:
    """The releases of a project, each in the folder of its tag."""

    def __init__(self, folder, program):
        self.folder = folder / "releases"
        packed = self.folder / f"v{VERSION}"
        subprocess.run([ROOT / "packaging/archive", TARGET, small(program, folder / "small"), packed], check=True)
        self.write_checksums()
        handler = functools.partial(Quiet, directory=self.folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def write_checksums(self, tag=f"v{VERSION}"):
        folder = self.folder / tag
        lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.glob("chartpin-*"))]
        (folder / "SHA256SUMS").write_text("".join(lines))

    def tampered(self, tag):
        """A release in which the archive is not the one that the checksums are of."""
        shutil.copytree(self.folder / f"v{VERSION}", self.folder / tag)
        with open(self.folder / tag / ARCHIVE, "ab") as archive:
            archive.write(b"\0")

    def truncated(self, tag):
        """A release of whose archive the second half is missing."""
        shutil.copytree(self.folder / f"v{VERSION}", self.folder / tag)
        archive = self.folder / tag / ARCHIVE
        archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])

    def unlisted(self, tag):
        """A release whose checksums do not name the archive."""
        shutil.copytree(self.folder / f"v{VERSION}", self.folder / tag)
        (self.folder / tag / "SHA256SUMS").write_text(f"{'0' * 64}  chartpin-another.tar.gz\n")

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
