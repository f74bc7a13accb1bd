"""Tests of a Messenger or Instagram bot against handover-sim, a local simulator of the platform.

    with Simulator() as sim:
        sim.start_bot([sys.executable, "bot.py"])
        ana = sim.person("Ana")
        ana.says("agent")
        sim.inbox.sees(ana)
        sim.pass_time("31m")
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request

__all__ = ["Inbox", "Person", "Simulator", "program"]

PATIENCE = 20
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def program():
    """Path of the program handover-sim that is installed with this package."""
    name = "handover-sim" + (".exe" if os.name == "nt" else "")
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    found = beside if os.path.exists(beside) else shutil.which("handover-sim")
    if not found:
        raise FileNotFoundError("the program handover-sim is missing: install handover-sim again")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Simulator:
    """A running simulator with one Page and one bot. Arguments are options of `handover-sim`."""

    def __init__(self, *arguments, bot=None):
        self.bot_port = free_port()
        bot = bot or f"http://127.0.0.1:{self.bot_port}/webhook"
        command = [program(), "--port", "0", "--bot", bot, *arguments]
        self._processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True)]
        self.env = {"HOST": "127.0.0.1", "PORT": str(self.bot_port)}
        for line in self._processes[0].stdout:
            for word in line.split():
                name, equals, value = word.partition("=")
                if equals and name.isupper():
                    self.env[name] = value
            if line.startswith("Act as person and agent at "):
                self.url = line.split()[-1]
            if line.startswith("Stop with"):
                break
        else:
            raise RuntimeError("handover-sim has not started: its message is above")
        self.inbox = Inbox(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Stops the simulator and the bots that it has started."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(PATIENCE)

    def start_bot(self, command, **options):
        """Starts the bot with its variables, and waits until its webhook is verified."""
        env = {**os.environ, **self.env, **options.pop("env", {})}
        bot = subprocess.Popen(command, env=env, **options)
        self._processes.append(bot)

        def is_verified():
            if bot.poll() is not None:
                raise RuntimeError(f"{command} has ended with {bot.returncode}")
            return any(app["verified"] for app in self.get("state")["apps"])

        self.wait_for("the bot's webhook is verified", is_verified)

    def request(self, method, path, body=None):
        """Calls the control API, which docs/simulator/control-api.md describes."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}control/{path}", data, method=method)
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["error"]) from None

    def get(self, path):
        return self.request("GET", path)

    def person(self, name):
        """The person with this name, who has a thread with the Page."""
        return Person(self, name, self.request("POST", "persons", {"name": name})["person"])

    def pass_time(self, time):
        """Moves the simulator's clock forward: "31m", "2h", "1d"."""
        number = time.rstrip("".join(UNITS))
        unit = UNITS[time[len(number):]]
        self.request("POST", "clock", {"advance_ms": int(float(number) * unit)})

    def wait_for(self, what, condition):
        """Waits until the condition holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                chats = [Person(self, None, it["person"]["id"]).texts() for it in self.get("threads")["threads"]]
                raise AssertionError(f"waited {PATIENCE} s until {what}; the chats: {chats}")
            time.sleep(0.05)


class Person:
    """Somebody who writes to the Page."""

    def __init__(self, sim, name, id):
        self.sim, self.name, self.id = sim, name, id

    def act(self, action, **fields):
        """Any action of the control API: `ana.act("react", mid=…, reaction="love")`."""
        return self.sim.request("POST", f"actions/{action}", {"person": self.id, **fields})

    def says(self, text):
        return self.act("say", text=text)

    def taps(self, title):
        return self.act("quick_reply", title=title)

    def thread(self):
        return self.sim.get(f"threads/{self.id}")

    def texts(self):
        """What is written in the chat, oldest first."""
        entries = self.thread()["entries"]
        return [entry["text"] for entry in entries if entry["entry"] == "message"]

    def sees(self, text):
        """Waits until the chat ends with this text of the Page."""

        def is_last():
            messages = [entry for entry in self.thread()["entries"] if entry["entry"] == "message"]
            return bool(messages) and messages[-1]["app"] is not None and messages[-1]["text"] == text

        self.sim.wait_for(f"{self.name} sees {text!r}", is_last)

    def owner(self):
        """Name of the app that owns the thread; none for an idle thread."""
        owner = self.thread()["thread"]["owner"]
        return owner and owner["name"]


class Inbox:
    """The agents in the Page Inbox."""

    def __init__(self, sim):
        self.sim = sim

    def sees(self, person):
        """Waits until the thread is in the main folder, and waits for an agent."""
        self.sim.wait_for(
            f"{person.name} is in the inbox", lambda: person.thread()["thread"]["folder"] == "main"
        )

    def replies(self, person, text):
        return person.act("inbox_reply", text=text)

    def takes(self, person):
        return person.act("inbox_take")

    def is_done(self, person):
        return person.act("inbox_done")


def main():
    """`python -m handover_sim` is `handover-sim`."""
    sys.exit(subprocess.call([program(), *sys.argv[1:]]))
