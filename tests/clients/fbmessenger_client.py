"""What a bot does with `fbmessenger`."""

import os

from fbmessenger import MessengerClient
from fbmessenger.attachments import Image
from fbmessenger.elements import Text
from fbmessenger.quick_replies import QuickReplies, QuickReply
from fbmessenger.sender_actions import SenderAction

ACCESS_TOKEN, APP_SECRET = os.environ["ACCESS_TOKEN"], os.environ["APP_SECRET"]
PERSON = os.environ["PERSON"]

client = MessengerClient(ACCESS_TOKEN, app_secret=APP_SECRET)
client.graph_url = os.environ["GRAPH_API_URL"] + "/v2.12"

sent = client.send(Text("Hello from fbmessenger").to_dict(), PERSON)
assert sent["recipient_id"] == PERSON and sent["message_id"], sent
replies = QuickReplies([QuickReply(title="Red", payload="PICK_RED")])
client.send(Text("Which one?", replies).to_dict(), PERSON, notification_type="NO_PUSH")
image = Image(url="https://example.com/coffee.png", is_reusable=True)
client.send(image.to_dict(), PERSON)
action = SenderAction("mark_seen").to_dict()
assert client.send_action(action, PERSON) == {"recipient_id": PERSON}

succeeded = {"result": "success"}
assert client.set_messenger_profile({"get_started": {"payload": "GET_STARTED"}}) == succeeded
assert client.update_whitelisted_domains("https://example.com") == succeeded
assert client.remove_whitelisted_domains() == succeeded
assert client.delete_get_started() == succeeded
assert client.get_user_data(PERSON, ["first_name", "last_name"])["first_name"] == "Ana"

saved = client.upload_attachment(image)
client.send(Image(attachment_id=saved["attachment_id"]).to_dict(), PERSON)

refused = client.send(Text("too late").to_dict(), "4711")
assert refused["error"]["error_subcode"] == 2018001, refused
