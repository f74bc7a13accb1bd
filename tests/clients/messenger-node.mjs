// What a bot does with `messenger-node`. The library has a fixed address, graph.facebook.com, so its HTTP
// client uses the simulator as a proxy.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { GRAPH_API_URL, ACCESS_TOKEN, APP_ID, PERSON } = process.env;
const { OTHER_APP_ID, ZERO_CONFIG_TOKEN, ZERO_CONFIG_PERSON } = process.env;
const PAGE_INBOX = '263902037430900';

const require = createRequire(import.meta.url);
const request = require('request');
require.cache[require.resolve('request')].exports =
  request.defaults({ proxy: GRAPH_API_URL, tunnel: false });
const { Client } = require('messenger-node');
const client = new Client({ page_token: ACCESS_TOKEN });

const to = { id: PERSON };
const sent = await client.sendText(to, 'Hello from messenger-node');
assert.equal(sent.recipient_id, PERSON);
assert.ok(sent.message_id);
const quickReply = { content_type: 'text', title: 'Red', payload: 'PICK_RED' };
await client.sendQuickReplies(to, [quickReply], 'Which one?');
await client.sendTemplate(to, {
  template_type: 'button',
  text: 'What next?',
  buttons: [{ type: 'postback', title: 'Start', payload: 'START' }],
});
await client.sendTemplate(to, {
  template_type: 'generic',
  elements: [{ title: 'Kaffee', subtitle: 'black' }],
});
await client.sendAttachment({ type: 'image', source: 'https://example.com/coffee.png' }, to);
assert.deepEqual(await client.sendSenderAction(to, 'mark_seen'), { recipient_id: PERSON });
await client.sendSenderAction(to, 'typing_on');
await client.sendSenderAction(to, 'typing_off');

const owner = async () => (await client.getThreadOwner(PERSON)).data[0].thread_owner.app_id;
const succeeded = { success: true };
assert.equal(await owner(), APP_ID);
assert.deepEqual(await client.passThreadControl(PERSON, 'page_inbox', 'wants a person'), succeeded);
assert.equal(await owner(), PAGE_INBOX);
await assert.rejects(client.sendText(to, 'too late'), ({ error }) => {
  assert.equal(error.code, 10);
  assert.equal(error.error_subcode, 2018300);
  return true;
});
await client.takeThreadControl(PERSON, 'back to the bot');
await client.passThreadControl(PERSON, OTHER_APP_ID, 'and to another bot');
assert.equal(await owner(), OTHER_APP_ID);
await client.takeThreadControl(PERSON);
assert.equal(await owner(), APP_ID);
const receivers = await client.getSecondaryReceiverList(PERSON);
assert.ok(receivers.data.some(({ id }) => id === OTHER_APP_ID), JSON.stringify(receivers));
await client.sendText(to, 'Here again');

const done = { result: 'success' };
const greeting = [{ locale: 'default', text: 'Welcome!' }];
const profile = { get_started: { payload: 'GET_STARTED' }, greeting };
assert.deepEqual(await client.setMessengerProfile(profile), done);
assert.deepEqual(await client.getMessengerProfile(['get_started', 'greeting']), { data: [profile] });
assert.deepEqual(await client.deleteMessengerProfile(['greeting']), done);
assert.deepEqual(await client.getMessengerProfile(['greeting']), { data: [] });

assert.equal((await client.getUserProfile(PERSON, ['first_name', 'last_name'])).first_name, 'Ana');

const picture = { type: 'image', source: 'https://example.com/coffee.png', is_reusable: true };
assert.ok((await client.uploadAttachment(picture)).attachment_id);
const menu = { type: 'file', source: fileURLToPath(import.meta.url), is_reusable: true };
assert.ok((await client.uploadAttachment(menu)).attachment_id);
await client.sendAttachment(menu, to);

// On a Page without conversation routing, control is asked for.
client.setPageToken(ZERO_CONFIG_TOKEN);
assert.deepEqual(await client.requestThreadControl(ZERO_CONFIG_PERSON), succeeded);
await client.passThreadControl(ZERO_CONFIG_PERSON, 'page_inbox');
await client.requestThreadControl(ZERO_CONFIG_PERSON, 'may I?');
