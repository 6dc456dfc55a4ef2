"""Runs the server of DIR: `serve.py DIR run|start [VARIANT...]`.

Two gunicorns on ports that are free, in https and in clear. They end when this process does, however it does; under `run` it ends with
its standard input too, so that nothing outlives a test that was killed.
"""

import ctypes
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pki

HERE = Path(__file__).parent


def bound():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def dies_with_its_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def gunicorn(folder, listener, name, environment, *more):
    log = folder / "log"
    command = [sys.executable, "-B", "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "--workers", "1", "--threads", "4",
               "--worker-class", "gthread", "--worker-tmp-dir", "/tmp", "--graceful-timeout", "1", "--no-control-socket",
               "--access-logfile", str(log / f"{name}-access.log"), "--error-logfile", str(log / f"{name}-error.log"),
               "--capture-output", *more, "project:application"]
    return subprocess.Popen(command, cwd=HERE, pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL,
                            env={**environment, "ESSAI_LISTENER": name}, preexec_fn=dies_with_its_parent)


def answers(url):
    """Whether something of HTTP comes back; the certificate is not looked at, nor redirections followed."""
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=blind), Stay)
    try:
        opener.open(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def main():
    folder, how, variants = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    (folder / "pid").write_text(f"{os.getpid()}\n")
    (folder / "ready").unlink(missing_ok=True)
    (folder / "log").mkdir(exist_ok=True)
    for old in [*(folder / "log").iterdir(), folder / "cas.sqlite3"]:
        old.unlink(missing_ok=True)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ending.set())
    secure, clear = bound(), bound()
    urls = {"https": f"https://localhost:{secure.getsockname()[1]}", "http": f"http://localhost:{clear.getsockname()[1]}"}
    environment = {**os.environ, "ESSAI_DIR": str(folder), "ESSAI_VARIANTS": " ".join(variants), "ESSAI_HTTPS": urls["https"],
                   "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "DJANGO_SETTINGS_MODULE": "project"}
    subprocess.run([sys.executable, "-B", "-c", "import project; project.prepare()"], cwd=HERE, env=environment, check=True,
                   stdin=subprocess.DEVNULL, stdout=sys.stderr)
    pki.make(folder / "pki", expired="expired-certificate" in variants, other_name="wrong-host" in variants)
    certificate = ["--certfile", str(folder / "pki/server.crt"), "--keyfile", str(folder / "pki/server.key")]
    servers = [gunicorn(folder, secure, "https", environment, *certificate), gunicorn(folder, clear, "http", environment)]
    try:
        deadline = time.monotonic() + 30
        # An address that no test counts.
        while not all(answers(f"{url}/pret") for url in urls.values()):
            if ending.is_set() or time.monotonic() > deadline or any(server.poll() is not None for server in servers):
                for log in (folder / "log").glob("*-error.log"):
                    sys.stderr.write(log.read_text())
                sys.exit("the server does not answer")
            time.sleep(0.1)
        line = " ".join([f"READY https={urls['https']}/cas http={urls['http']}/cas", f"ca={folder}/pki/ca.crt", f"log={folder}/log",
                         f"pid={os.getpid()}"])
        (folder / "ready").write_text(line + "\n")
        if how == "run":
            print(line, flush=True)
            threading.Thread(target=lambda: (sys.stdin.read(), ending.set()), daemon=True).start()
        while not ending.wait(0.5):
            if any(server.poll() is not None for server in servers):
                sys.exit("a server ended by itself")
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        for left in ("pid", "ready"):
            (folder / left).unlink(missing_ok=True)
        # The reading of standard input would hold the interpreter back.
        sys.stdout.flush()
        sys.stderr.flush()


if __name__ == "__main__":
    main()
