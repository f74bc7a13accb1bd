#!/usr/bin/env python3
"""Proves that a rolling restart loses no message, repeats none, and delays none for long.

Plays the platform: posts signed webhooks of many people, counts the answers at a stub of the Graph API, and
restarts the nodes one after the other meanwhile. Without options it does so on this machine: with three
processes of the bot, HAProxy with haproxy.cfg, or a tiny proxy where it is not installed, and a private
PostgreSQL server in a temporary directory. That needs the packages of PostgreSQL but no Docker.

    cargo build --release --no-default-features
    python3 deploy/rolling_restart.py

Against nodes that run elsewhere, such as those of compose.yml with GRAPH_API_URL=http://host.docker.internal:8090
and MESSENGER_APP_SECRET=secret in .env:

    python3 deploy/rolling_restart.py --webhook http://127.0.0.1:8080/webhook --graph-port 8090 \\
        --restart "docker compose restart bot-1" --restart "docker compose restart bot-2" \\
        --restart "docker compose restart bot-3"
"""

import argparse
import collections
import glob
import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

PAGE = "1744550565845823"
APP = "1517776481860111"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(what, is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


class GraphStub(http.server.BaseHTTPRequestHandler):
    """Accepts every call, and notes which text came when."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    answers = collections.defaultdict(list)
    calls = 0

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with GraphStub.lock:
            GraphStub.calls += 1
            number = GraphStub.calls
            try:
                call = json.loads(body or b"{}")
            except ValueError:
                call = {}
            text = (call.get("message") or {}).get("text")
            if text:
                person = call["recipient"]["id"]
                GraphStub.answers[person].append((time.monotonic(), text))
        reply = json.dumps({"success": True, "data": [], "message_id": f"m_{number}"}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        """Says nothing."""


def exchange(port, method, path, headers, body, timeout=6):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Proxy(http.server.BaseHTTPRequestHandler):
    """Gives each request to the next node, and to another one if that is away or stops."""

    protocol_version = "HTTP/1.1"
    nodes = []
    turn = 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name: self.headers[name] for name in ("content-type", "x-hub-signature-256")}
        Proxy.turn += 1
        status, reply = 503, b""
        for offset in range(len(Proxy.nodes)):
            node = Proxy.nodes[(Proxy.turn + offset) % len(Proxy.nodes)]
            try:
                status, reply = exchange(node.port, "POST", self.path, headers, body)
            except (OSError, http.client.HTTPException):
                continue
            if status != 503:
                break
        self.send_response(status)
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        """Says nothing."""


class HaProxy:
    """The proxy of haproxy.cfg, before nodes on this machine."""

    def __init__(self, program, nodes):
        self.port = free_port()
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "haproxy.cfg"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        lines = [f"    bind 127.0.0.1:{self.port}" if line.strip().startswith("bind ") else line
                 for line in lines if not line.strip().startswith("server ")]
        # The backend with the nodes is the last section.
        lines += [f"    server node-{number} 127.0.0.1:{node.port} port {node.operations}"
                  for number, node in enumerate(nodes)]
        self.file = tempfile.NamedTemporaryFile("w", prefix="rolling-restart-", suffix=".cfg")
        self.file.write("\n".join(lines) + "\n")
        self.file.flush()
        self.process = subprocess.Popen([program, "-q", "-db", "-f", self.file.name])
        until("HAProxy listens", self.listens)

    def listens(self):
        if self.process.poll() is not None:
            raise SystemExit(f"HAProxy ended with {self.process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.file.close()


def serve(handler, port, host="127.0.0.1"):
    server = Server((host, port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Database:
    """A private server, or one that is there."""

    def __init__(self, address):
        self.directory = None
        self.address = address
        if address:
            return
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda it: int(it.split("/")[4]))
        if not programs:
            raise SystemExit("PostgreSQL is missing: apt-get install postgresql, or --database postgres://…")
        self.programs = programs[-1]
        self.directory = tempfile.mkdtemp(prefix="rolling-restart-")
        # The server refuses to run as root.
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.prefix:
            shutil.chown(self.directory, "postgres")
        port = free_port()
        self.run("initdb", "--no-sync", "--auth=trust", "--username=bot", "--encoding=UTF8",
                 "--locale=C.UTF-8", "data")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={self.directory}"
        self.run("pg_ctl", "-w", "-D", "data", "-l", "log", "-o", options, "start")
        self.address = f"postgres://bot@127.0.0.1:{port}/postgres"

    def run(self, program, *arguments):
        subprocess.run([*self.prefix, f"{self.programs}/{program}", *arguments], cwd=self.directory,
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop(self):
        if self.directory:
            self.run("pg_ctl", "-m", "immediate", "-D", "data", "stop")
            shutil.rmtree(self.directory, ignore_errors=True)


class Node:
    """A process of the bot."""

    def __init__(self, options, store, graph_port):
        self.program = options.bot
        self.port, self.operations = free_port(), free_port()
        self.environment = os.environ | {
            "MESSENGER_PAGE_ID": PAGE,
            "MESSENGER_ACCESS_TOKEN": "token",
            "MESSENGER_APP_ID": APP,
            "MESSENGER_APP_SECRET": options.secret,
            "MESSENGER_VERIFY_TOKEN": "word",
            "GRAPH_API_URL": f"http://127.0.0.1:{graph_port}",
            "HANDOVER_STORE": store,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "HANDOVER_OPERATIONS": f"127.0.0.1:{self.operations}",
            "RUST_LOG": os.environ.get("RUST_LOG", "warn"),
        }
        self.process = None

    def start(self):
        self.process = subprocess.Popen([self.program], env=self.environment)
        until("a node is ready", self.is_ready)

    def is_ready(self):
        if self.process.poll() is not None:
            raise SystemExit(f"a node ended with {self.process.returncode}")
        try:
            status, body = exchange(self.operations, "GET", "/readyz", {}, None)
        except (OSError, http.client.HTTPException):
            return False
        return status == 200 and json.loads(body)["node"]["lanes"] > 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=45)
        if code != 0:
            raise SystemExit(f"a node that was asked to stop ended with {code}")


class Person(threading.Thread):
    """Writes one message after the other; each goes out again until it is acknowledged."""

    has_ended = threading.Event()

    def __init__(self, number, options, webhook):
        super().__init__(daemon=True)
        self.id = f"{9000000000000000 + number}"
        self.options, self.webhook = options, webhook
        self.every = options.people / options.rate
        self.sent, self.repeated = [], 0

    def run(self):
        while not Person.has_ended.is_set():
            began = time.monotonic()
            text = f"{self.id}/{len(self.sent)}"
            self.sent.append(began)
            while not self.post(text):
                self.repeated += 1
                time.sleep(0.1)
            Person.has_ended.wait(max(0, began + self.every - time.monotonic()))

    def post(self, text):
        message = {"sender": {"id": self.id}, "recipient": {"id": PAGE},
                   "timestamp": int(time.time() * 1000), "message": {"mid": f"m_{text}", "text": text}}
        entry = {"id": PAGE, "time": int(time.time() * 1000), "messaging": [message]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        digest = hmac.new(self.options.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}
        address = urllib.parse.urlsplit(self.webhook)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=8)
        try:
            connection.request("POST", address.path, body, headers)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def judge(people, late):
    """What was lost, repeated, out of order or late."""
    violations, slowest = [], 0.0
    for person in people:
        answers = GraphStub.answers[person.id]
        numbers = [re.search(r"/(\d+)$", text) for _, text in answers]
        numbers = [int(found.group(1)) for found in numbers if found]
        counts = collections.Counter(numbers)
        lost = [number for number in range(len(person.sent)) if not counts[number]]
        twice = [number for number, count in counts.items() if count > 1]
        if lost:
            violations.append(f"{person.id}: {len(lost)} not answered, the first is {lost[0]}")
        if twice:
            violations.append(f"{person.id}: {len(twice)} answered twice, the first is {twice[0]}")
        if numbers != sorted(numbers):
            violations.append(f"{person.id}: answered out of order")
        for (at, text), number in zip(answers, numbers):
            slowest = max(slowest, at - person.sent[number])
            if not text.startswith(f"{number + 1}. "):
                violations.append(f"{person.id}: the session is wrong at message {number}: {text}")
    if slowest > late:
        violations.append(f"the slowest answer came after {slowest:.2f} s, and {late} s is late")
    return violations, slowest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", default="target/release/{{project-name}}", help="the program of the bot")
    parser.add_argument("--database", help="postgres://… instead of a private server")
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--rate", type=float, default=60, help="messages a second")
    parser.add_argument("--late", type=float, default=2.0, help="seconds after which an answer is late")
    parser.add_argument("--secret", default="secret", help="MESSENGER_APP_SECRET of the nodes")
    parser.add_argument("--webhook", help="nodes that run already, through their proxy")
    parser.add_argument("--graph-port", type=int, default=0, help="port of the stub of the Graph API")
    parser.add_argument("--restart", action="append", default=[], metavar="COMMAND",
                        help="restarts a node that runs already, and waits until it has ended; once for each")
    options = parser.parse_args()
    graph_port = serve(GraphStub, options.graph_port, "0.0.0.0" if options.webhook else "127.0.0.1")
    database, proxy, nodes = None, None, []
    try:
        webhook = options.webhook
        if not webhook:
            database = Database(options.database)
            nodes = [Node(options, database.address, graph_port) for _ in range(options.nodes)]
            for node in nodes:
                node.start()
            program = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
            if program:
                proxy = HaProxy(program, nodes)
                port = proxy.port
            else:
                Proxy.nodes = nodes
                port = serve(Proxy, 0)
            print(f"{len(nodes)} nodes behind {program or 'a proxy of this script'}", flush=True)
            webhook = f"http://127.0.0.1:{port}/webhook"
        people = [Person(number, options, webhook) for number in range(options.people)]
        for person in people:
            person.start()
        time.sleep(2)
        for node in nodes:
            began = time.monotonic()
            node.stop()
            node.start()
            print(f"restarted a node in {time.monotonic() - began:.1f} s", flush=True)
            time.sleep(2)
        for command in options.restart:
            subprocess.run(shlex.split(command), check=True)
            time.sleep(10)
        Person.has_ended.set()
        for person in people:
            person.join()
        sent = sum(len(person.sent) for person in people)
        deadline = time.monotonic() + 60
        while sum(len(GraphStub.answers[person.id]) for person in people) < sent:
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        # What comes twice may come late.
        time.sleep(2)
        violations, slowest = judge(people, options.late)
        repeated = sum(person.repeated for person in people)
        print(f"{sent} messages of {len(people)} people, {repeated} deliveries repeated; "
              f"the slowest answer came after {slowest:.2f} s")
        for violation in violations:
            print(f"VIOLATION {violation}")
        print("a restart is seen by nobody" if not violations else f"{len(violations)} violations")
        return 1 if violations else 0
    finally:
        if proxy:
            proxy.stop()
        for node in nodes:
            if node.process and node.process.poll() is None:
                node.process.kill()
                node.process.wait()
        if database:
            database.stop()


if __name__ == "__main__":
    sys.exit(main())
