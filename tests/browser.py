"""A headless Chromium, driven over the pipe of its DevTools protocol: what the tests of the page and its screenshots share."""

import base64
import collections
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import time

TIME_LIMIT = 60
KEYS = {"Enter": "\r", "Tab": "", "Escape": "", "ArrowDown": "", "ArrowUp": "", "/": "/", " ": " "}


class Browser:
    """One Chromium with a profile of its own; `page` opens a page in it."""

    def __init__(self, folder):
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            raise RuntimeError("there is no chromium")
        read_theirs, write_ours = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in os.pipe())
        read_ours, write_theirs = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in os.pipe())

        def ends():
            os.dup2(read_theirs, 3)
            os.dup2(write_theirs, 4)

        flags = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={folder}", "--disable-gpu", "--hide-scrollbars"]
        flags += ["--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--lang=en-US"]
        # Chromium refuses its sandbox to root, as whom containers run tests.
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        self.log = open(os.path.join(folder, "log"), "wb")
        self.process = subprocess.Popen(
            [program, *flags, "about:blank"], preexec_fn=ends, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        os.close(read_theirs)
        os.close(write_theirs)
        self.reader, self.writer = read_ours, write_ours
        self.numbers, self.rest, self.answers = itertools.count(1), b"", {}
        self.events = collections.defaultdict(list)

    def close(self):
        try:
            self.send("Browser.close")
            self.process.wait(10)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.log.close()

    def send(self, method, session=None, **arguments):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": arguments}
        if session:
            message["sessionId"] = session
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self.writer, left) :]
        end = time.monotonic() + TIME_LIMIT
        while number not in self.answers:
            self.receive(end - time.monotonic(), method)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def receive(self, seconds, waiting_for):
        if not select.select([self.reader], [], [], max(0, seconds))[0]:
            raise RuntimeError(f"no answer to {waiting_for} within {TIME_LIMIT} s")
        read = os.read(self.reader, 1 << 20)
        if not read:
            raise RuntimeError("Chromium is gone")
        *messages, self.rest = (self.rest + read).split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events[message.get("sessionId")].append(message)

    def page(self, address=None, width=1280, height=900, scripts=True, scheme="light"):
        return Page(self, address, width, height, scripts, scheme)


class Page:
    """A page, with what it said and asked for."""

    def __init__(self, browser, address, width, height, scripts, scheme):
        self.browser = browser
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.target, self.scripts = target, scripts
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.send(f"{domain}.enable")
        self.resize(width, height)
        self.scheme(scheme)
        self.send("Emulation.setScriptExecutionDisabled", value=not scripts)
        if address:
            self.open(address)

    def send(self, method, **arguments):
        return self.browser.send(method, self.session, **arguments)

    def close(self):
        self.browser.send("Target.closeTarget", targetId=self.target)

    def resize(self, width, height, mobile=False, scale=1):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)

    def scheme(self, name, *more):
        features = [{"name": "prefers-color-scheme", "value": name}, {"name": "prefers-reduced-motion", "value": "reduce"}, *more]
        self.send("Emulation.setEmulatedMedia", features=features)

    def open(self, address):
        """Loads a page anew, also where only the part behind `#` is another."""
        self.send("Page.navigate", url="about:blank")
        self.wait_for_load()
        self.browser.events[self.session].clear()
        self.address = address.partition("#")[0]
        self.send("Page.navigate", url=address)
        self.wait_for_load()

    def wait_for_load(self):
        end = time.monotonic() + TIME_LIMIT
        while not any(event["method"] == "Page.loadEventFired" for event in self.browser.events[self.session]):
            self.browser.receive(end - time.monotonic(), "a page to load")
        self.settle()
        self.browser.events[self.session] = [event for event in self.browser.events[self.session] if event["method"] != "Page.loadEventFired"]

    def settle(self):
        """Waits until what was asked for is drawn."""
        if self.scripts:
            self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))", quiet=True)

    def run(self, code, quiet=False):
        """The value of an expression in the page; a promise is waited for."""
        answer = self.send("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            if quiet:
                return None
            raise RuntimeError(f"{code[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def said(self):
        """Everything in the console, errors of the policy included, and every exception."""
        said = []
        for event in self.browser.events[self.session]:
            if event["method"] == "Runtime.consoleAPICalled":
                said.append(" ".join(str(part.get("value")) for part in event["params"]["args"]))
            elif event["method"] == "Runtime.exceptionThrown":
                said.append(str(event["params"]["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded":
                said.append(event["params"]["entry"]["text"])
        return said

    def requests(self):
        """What the page asked for, itself left out."""
        sent = [event["params"]["request"]["url"] for event in self.browser.events[self.session] if event["method"] == "Network.requestWillBeSent"]
        return [address for address in sent if address != self.address and not address.startswith("data:")]

    def key(self, name, shift=False):
        text = KEYS.get(name, name)
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, " ": 32, "/": 191}
        event = {
            "key": name,
            "windowsVirtualKeyCode": codes.get(name, ord(name.upper()) if name.isalnum() and len(name) == 1 else 0),
            "modifiers": 8 if shift else 0,
        }
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        self.send("Input.dispatchKeyEvent", type="keyUp", **event)
        self.settle()

    def type(self, text):
        for letter in text:
            self.key(letter)

    def click(self, selector):
        """A click of the mouse on the middle of an element."""
        box = self.run(
            f"(() => {{ const node = document.querySelector({json.dumps(selector)}); node.scrollIntoView({{ block: 'center' }});"
            " const box = node.getClientRects()[0]; return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
        self.settle()

    def picture(self, path, whole=False):
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
