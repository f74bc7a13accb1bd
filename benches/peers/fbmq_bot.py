"""Repeats a text, and passes the thread of whoever writes "agent" to the inbox.

fbmq has no setting for the address of the Graph API, so the method that makes it is overridden. It checks
no signatures and cannot pass a thread: both are done here.
"""

import hashlib
import hmac
import os

import requests
from fbmq import Page
from flask import Flask, abort, request

GRAPH_URL = os.environ["GRAPH_URL"]
SECRET = os.environ["APP_SECRET"].encode()
INBOX = int(os.environ["INBOX"])


class StubPage(Page):
    def _api_uri(self, sub):
        return f"{GRAPH_URL}/{self._api_ver}/{sub}"


app = Flask(__name__)
page = StubPage(os.environ["ACCESS_TOKEN"], api_ver="v2.11")


@app.post("/webhook")
def webhook():
    body = request.get_data()
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Hub-Signature-256", "")):
        abort(403)
    page.handle_webhook(body.decode())
    return "EVENT_RECEIVED"


@page.handle_message
def answer(event):
    person = event.sender_id
    if event.text == "agent":
        page.send(person, os.environ["FAREWELL"])
        pass_thread(person)
    else:
        page.send(person, event.text)


@page.handle_read
def read(event):
    pass


def pass_thread(person):
    requests.post(
        page._api_uri("me/pass_thread_control"),
        params={"access_token": page.page_access_token},
        json={"recipient": {"id": person}, "target_app_id": INBOX},
    ).raise_for_status()
