"""Fixtures of pytest. `handover_bot` in the configuration of pytest is the command of the bot."""

import shlex

import pytest

from . import Simulator


def pytest_addoption(parser):
    parser.addini("handover_bot", "command that starts the bot, such as: python bot.py")
    parser.addini("handover_sim", "options of handover-sim, such as: --instagram", default="")


@pytest.fixture
def simulator(request):
    """A running simulator, and the bot if `handover_bot` is set."""
    options = shlex.split(request.config.getini("handover_sim"))
    with Simulator(*options) as simulator:
        bot = shlex.split(request.config.getini("handover_bot") or "")
        if bot:
            simulator.start_bot(bot, cwd=request.config.rootpath)
        yield simulator


@pytest.fixture
def inbox(simulator):
    """The agents in the Page Inbox."""
    return simulator.inbox


@pytest.fixture
def pass_time(simulator):
    """Moves the simulator's clock forward: `pass_time("31m")`."""
    return simulator.pass_time


@pytest.fixture
def ana(simulator):
    """A person who writes to the Page."""
    return simulator.person("Ana")
