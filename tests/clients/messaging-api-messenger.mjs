// What a bot does with `messaging-api-messenger`: talking, handing over, and what it sets up.
import assert from 'node:assert/strict';
import messenger from 'messaging-api-messenger';

const { GRAPH_API_URL, ACCESS_TOKEN, APP_ID, APP_SECRET, PERSON } = process.env;
const { OTHER_APP_ID, ZERO_CONFIG_TOKEN, ZERO_CONFIG_PERSON } = process.env;
const PAGE_INBOX = '263902037430900';

const { MessengerClient } = messenger;

const client = new MessengerClient({
  origin: GRAPH_API_URL, accessToken: ACCESS_TOKEN, appId: APP_ID, appSecret: APP_SECRET,
});

const sent = await client.sendText(PERSON, 'Hello from messaging-api-messenger');
assert.equal(sent.recipientId, PERSON);
assert.ok(sent.messageId);
await client.sendText(PERSON, 'Which one?', {
  messagingType: 'RESPONSE',
  quickReplies: [{ contentType: 'text', title: 'Red', payload: 'PICK_RED' }],
});
await client.sendButtonTemplate(PERSON, 'What next?', [
  { type: 'postback', title: 'Start', payload: 'START' },
]);
await client.sendGenericTemplate(PERSON, [{ title: 'Kaffee', subtitle: 'black' }]);
await client.sendImage(PERSON, 'https://example.com/coffee.png');
assert.equal((await client.markSeen(PERSON)).recipientId, PERSON);
await client.typingOn(PERSON);
await client.typingOff(PERSON);

const owner = async () => (await client.getThreadOwner(PERSON)).appId;
assert.equal(await owner(), APP_ID);
assert.deepEqual(await client.passThreadControlToPageInbox(PERSON, 'wants a person'), { success: true });
assert.equal(await owner(), PAGE_INBOX);
await assert.rejects(client.sendText(PERSON, 'too late'), (error) => {
  assert.equal(error.response.status, 400);
  assert.equal(error.response.data.error.errorSubcode, 2018300);
  assert.match(error.message, /Messenger API - 10 OAuthException/);
  return true;
});
await client.takeThreadControl(PERSON, 'back to the bot');
await client.passThreadControl(PERSON, OTHER_APP_ID, 'and to another bot');
assert.equal(await owner(), OTHER_APP_ID);
await client.takeThreadControl(PERSON);
assert.equal(await owner(), APP_ID);
const receivers = await client.getSecondaryReceivers();
assert.ok(receivers.some(({ id }) => id === OTHER_APP_ID), JSON.stringify(receivers));
await client.sendText(PERSON, 'Here again');

// On a Page without conversation routing, control is asked for.
const elsewhere = new MessengerClient({ origin: GRAPH_API_URL, accessToken: ZERO_CONFIG_TOKEN });
assert.deepEqual(await elsewhere.requestThreadControl(ZERO_CONFIG_PERSON), { success: true });
await elsewhere.passThreadControlToPageInbox(ZERO_CONFIG_PERSON);
await elsewhere.requestThreadControl(ZERO_CONFIG_PERSON, 'may I?');
