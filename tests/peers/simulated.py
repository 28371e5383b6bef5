"""Starts `dialtone simulate --tls` for the scripts beside this one."""

import contextlib
import json
import os
import pathlib
import ssl
import subprocess
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Tenant:
    """A simulated tenant that runs."""

    def __init__(self, directory, port):
        self.ca = str(pathlib.Path(directory) / "ca.pem")
        self.domain = f"localhost:{port}"

    def control(self, method, path, body=None):
        """One call of the control API; the JSON of the answer, if it has any."""
        request = urllib.request.Request(
            f"https://{self.domain}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        context = ssl.create_default_context(cafile=self.ca)
        with urllib.request.urlopen(request, context=context, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def calls(self):
        """The calls since the last time this was asked."""
        calls = self.control("GET", "/_sim/calls")
        self.control("DELETE", "/_sim/calls")
        return calls


@contextlib.contextmanager
def tenant(*clients):
    """A fresh tenant with applications of these names."""
    binary = os.environ.get("DIALTONE", str(ROOT / "target" / "debug" / "dialtone"))
    with tempfile.TemporaryDirectory() as directory:
        command = [binary, "simulate", "--listen", "127.0.0.1:0", "--tls", directory]
        for name in clients:
            command += ["--client", name]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline()
            url = next(word for word in line.split() if word.startswith("https://"))
            yield Tenant(directory, url.rstrip("/").rsplit(":", 1)[1])
        finally:
            process.terminate()
            process.wait(10)


def refused(calls, tolerated=()):
    """The calls that were refused, but for those whose path is tolerated."""
    return [
        f"{call['method']} {call['path']} {call['status']}"
        for call in calls
        if (call["status"] or 599) >= 400 and not any(part in call["path"] for part in tolerated)
    ]
