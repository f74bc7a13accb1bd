"""A bot without a framework. It echoes messages until somebody asks for a person."""

import hashlib
import hmac
import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

GRAPH_API_URL = os.environ["GRAPH_API_URL"]
PAGE_ID = os.environ["MESSENGER_PAGE_ID"]
ACCESS_TOKEN = os.environ["MESSENGER_ACCESS_TOKEN"]
APP_SECRET = os.environ["MESSENGER_APP_SECRET"]
VERIFY_TOKEN = os.environ["MESSENGER_VERIFY_TOKEN"]
PAGE_INBOX = "263902037430900"


def call(edge, person, **parameters):
    body = json.dumps({"recipient": {"id": person}, **parameters}).encode()
    request = urllib.request.Request(f"{GRAPH_API_URL}/v26.0/{PAGE_ID}/{edge}", body)
    request.add_header("authorization", f"Bearer {ACCESS_TOKEN}")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def send(person, text):
    call("messages", person, messaging_type="RESPONSE", message={"text": text})


def handle(event):
    person = event["sender"]["id"]
    message = event.get("message", {})
    if "pass_thread_control" in event:
        send(person, "I am back. Anything else?")
    elif message.get("is_echo") or "text" not in message:
        pass
    elif "agent" in message["text"].lower():
        send(person, "One moment, a colleague is taking over.")
        call("pass_thread_control", person, target_app_id=PAGE_INBOX)
    else:
        send(person, f"You said: {message['text']}")


class Webhook(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        right = query.get("hub.verify_token") == [VERIFY_TOKEN]
        self.answer(200 if right else 403, query["hub.challenge"][0] if right else "")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        digest = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(self.headers.get("x-hub-signature-256", ""), f"sha256={digest}"):
            return self.answer(403, "")
        self.answer(200, "EVENT_RECEIVED")
        for entry in json.loads(body)["entry"]:
            # What is on `standby` is for another app to answer.
            for event in entry.get("messaging", []):
                handle(event)

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Webhook).serve_forever()
