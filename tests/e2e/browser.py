# SPDX-License-Identifier: GPL-2.0-or-later
"""A browser without a window, driven through WebDriver: what the page's tests look through."""

import base64
import json
import pathlib
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request

# Nothing of its own on the network, so that what is seen there is the page's.
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
 --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --force-device-scale-factor=1""".split()


class Browser:
    """One browser with one tab. Raises where a browser can't be had: its tests fail then."""

    def __init__(self, profile):
        for program in ("chromium", "chromedriver"):
            if not shutil.which(program):
                raise RuntimeError(f"{program} is not installed (scripts/packages.sh check)")
        self.log = open(pathlib.Path(profile).with_suffix(".log"), "w+")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=self.log, stderr=subprocess.STDOUT)
        self.base = f"http://127.0.0.1:{self._port()}"
        options = {
            "args": [*FLAGS, f"--user-data-dir={profile}"],
            "binary": shutil.which("chromium"),
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.base += "/session/" + made["sessionId"]

    def _port(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.driver.poll() is None:
            said = pathlib.Path(self.log.name).read_text()
            match = re.search(r"started successfully on port (\d+)", said)
            if match:
                return int(match.group(1))
            time.sleep(0.05)
        raise RuntimeError("chromedriver does not start: " + pathlib.Path(self.log.name).read_text())

    def _call(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()[:2000]) from None

    def close(self):
        try:
            self._call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(30)
            self.log.close()

    def devtools(self, command, **params):
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def open(self, url):
        """Load a page; what was logged before is forgotten."""
        self.console(), self.requests()
        self._call("POST", "/url", {"url": url})

    def run(self, script, *args):
        """The value of a JavaScript function's body; a promise is waited for."""
        return self._call("POST", "/execute/sync", {"script": script, "args": list(args)})

    def console(self):
        """What the page and the browser said on the console since the last call."""
        return [f"{x['level']} {x['message']}" for x in self._call("POST", "/se/log", {"type": "browser"})]

    def requests(self):
        """URLs that were asked for since the last call."""
        events = (json.loads(x["message"])["message"] for x in self._call("POST", "/se/log", {"type": "performance"}))
        return [x["params"]["request"]["url"] for x in events if x["method"] == "Network.requestWillBeSent"]

    def view(self, width, height, dark=False, media=""):
        """The size of the window, its colours, and what it is shown on ("print")."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def screenshot(self, whole=False):
        """A PNG of what is in the window, or of the whole page."""
        return base64.b64decode(self.devtools("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def pdf(self):
        """The page as it is printed."""
        return base64.b64decode(self._call("POST", "/print", {}))
