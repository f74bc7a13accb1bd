"""What a bot does with `facebook-business`, Meta's own SDK, which sends forms, not JSON."""

import os

from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

ACCESS_TOKEN = os.environ["ACCESS_TOKEN"]
APP_ID, APP_SECRET = os.environ["APP_ID"], os.environ["APP_SECRET"]
PAGE_ID, PERSON = os.environ["PAGE_ID"], os.environ["PERSON"]
OTHER_APP_ID = os.environ["OTHER_APP_ID"]
PAGE_INBOX = "263902037430900"

FacebookSession.GRAPH = os.environ["GRAPH_API_URL"]
api = FacebookAdsApi.init(APP_ID, APP_SECRET, ACCESS_TOKEN, crash_log=False)

page = Page(PAGE_ID)
recipient = {"id": PERSON}


def send(message):
    params = {"recipient": recipient, "messaging_type": "RESPONSE", "message": message}
    return page.create_message(params=params)


def act(sender_action):
    return page.create_message(params={"recipient": recipient, "sender_action": sender_action})


def template(payload):
    return {"attachment": {"type": "template", "payload": payload}}


def owner():
    return page.get_thread_owner(params={"recipient": PERSON})[0]["thread_owner"]["app_id"]


def handover(call, **params):
    call(params={"recipient": recipient, **params})


sent = send({"text": "Hello from facebook-business"})
assert sent["recipient_id"] == PERSON and sent["message_id"], sent
quick_reply = {"content_type": "text", "title": "Red", "payload": "PICK_RED"}
send({"text": "Which one?", "quick_replies": [quick_reply]})
button = {"type": "postback", "title": "Start", "payload": "START"}
send(template({"template_type": "button", "text": "What next?", "buttons": [button]}))
element = {"title": "Kaffee", "subtitle": "black"}
send(template({"template_type": "generic", "elements": [element]}))
image = {"url": "https://example.com/coffee.png"}
send({"attachment": {"type": "image", "payload": image}})
for action in ["MARK_SEEN", "TYPING_ON", "TYPING_OFF"]:
    assert act(action)["recipient_id"] == PERSON

status = page.api_get(fields=["name", "messaging_feature_status"])
assert status["messaging_feature_status"]["msgr_multi_app"] is True, status

assert owner() == APP_ID
handover(page.create_pass_thread_control, target_app_id=PAGE_INBOX, metadata="wants a person")
assert owner() == PAGE_INBOX
try:
    send({"text": "too late"})
    raise AssertionError("another app has the thread, and yet it was sent")
except FacebookRequestError as error:
    assert error.http_status() == 400
    assert error.api_error_code() == 10
    assert error.api_error_subcode() == 2018300
handover(page.create_take_thread_control, metadata="back to the bot")
handover(page.create_pass_thread_control, target_app_id=OTHER_APP_ID, metadata="and to another bot")
assert owner() == OTHER_APP_ID
handover(page.create_take_thread_control)
handover(page.create_extend_thread_control, duration=3600)
assert owner() == APP_ID
send({"text": "Here again"})

menu = [{"type": "postback", "title": "Help", "payload": "HELP"}]
page.create_messenger_profile(params={
    "get_started": {"payload": "GET_STARTED"},
    "persistent_menu": [{"locale": "default", "call_to_actions": menu}],
    "whitelisted_domains": ["https://example.com"],
})
profile = page.get_messenger_profile(fields=["get_started", "persistent_menu", "commands"])[0]
assert profile["get_started"]["payload"] == "GET_STARTED"
assert profile["persistent_menu"][0]["call_to_actions"][0]["title"] == "Help"
page.delete_messenger_profile(params={"fields": ["PERSISTENT_MENU"]})
assert not page.get_messenger_profile(fields=["persistent_menu"])

profile = api.call("GET", (PERSON,), {"fields": "first_name,last_name"}).json()
assert profile["first_name"] == "Ana", profile

ben = {"name": "Ben", "profile_picture_url": "https://example.com/ben.png"}
persona = page.create_persona(params=ben)
assert [one["name"] for one in page.get_personas()] == ["Ben"]
said = {"message": {"text": "This is Ben"}, "persona_id": persona["id"]}
page.create_message(params={"recipient": recipient, **said})
persona.api_delete()

picture = {"type": "image", "payload": {**image, "is_reusable": True}}
saved = page.create_message_attachment(params={"message": {"attachment": picture}})
picture = {"type": "image", "payload": {"attachment_id": saved["attachment_id"]}}
send({"attachment": picture})

answers = []
batch = api.new_batch()
for text in ["One", "Two", ""]:
    page.create_message(
        params={"recipient": recipient, "message": {"text": text}},
        batch=batch, success=answers.append, failure=answers.append,
    )
assert batch.execute() is None
assert [answer.status() for answer in answers] == [200, 200, 400]
assert answers[1].json()["recipient_id"] == PERSON

# On a Page without conversation routing, control is asked for, and given up.
FacebookAdsApi.init(APP_ID, APP_SECRET, os.environ["ZERO_CONFIG_TOKEN"], crash_log=False)
page = Page("me")
recipient = {"id": os.environ["ZERO_CONFIG_PERSON"]}
handover(page.create_request_thread_control)
handover(page.create_release_thread_control)
handover(page.create_pass_thread_control, target_app_id=PAGE_INBOX)
handover(page.create_request_thread_control, metadata="may I?")
