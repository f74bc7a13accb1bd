"""What a bot does with `pymessenger`, which puts JSON text into JSON."""

import os

from pymessenger.bot import Bot

ACCESS_TOKEN, APP_SECRET = os.environ["ACCESS_TOKEN"], os.environ["APP_SECRET"]
PERSON = os.environ["PERSON"]

bot = Bot(ACCESS_TOKEN, app_secret=APP_SECRET)
bot.graph_url = os.environ["GRAPH_API_URL"] + "/v2.6"

sent = bot.send_text_message(PERSON, "Hello from pymessenger")
assert sent["recipient_id"] == PERSON and sent["message_id"], sent
quick_reply = {"content_type": "text", "title": "Red", "payload": "PICK_RED"}
bot.send_message(PERSON, {"text": "Which one?", "quick_replies": [quick_reply]})
bot.send_button_message(PERSON, "What next?", [
    {"type": "postback", "title": "Start", "payload": "START"},
])
bot.send_generic_message(PERSON, [{"title": "Kaffee", "subtitle": "black"}])
assert bot.send_image_url(PERSON, "https://example.com/coffee.png")["message_id"]
for action in ["mark_seen", "typing_on", "typing_off"]:
    assert bot.send_action(int(PERSON), action) == {"recipient_id": PERSON}

refused = bot.send_text_message("4711", "too late")
assert refused["error"]["error_subcode"] == 2018001, refused
