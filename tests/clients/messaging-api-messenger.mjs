// What a bot does with `messaging-api-messenger`: talking, handing over, and what it sets up.
import assert from 'node:assert/strict';
import messenger from 'messaging-api-messenger';

const { GRAPH_API_URL, ACCESS_TOKEN, APP_ID, APP_SECRET, PERSON } = process.env;
const { OTHER_APP_ID, ZERO_CONFIG_TOKEN, ZERO_CONFIG_PERSON } = process.env;
const PAGE_INBOX = '263902037430900';

const { MessengerBatch, MessengerClient } = messenger;

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

const succeeded = { result: 'success' };
const help = [{ type: 'postback', title: 'Help', payload: 'HELP' }];
assert.deepEqual(await client.setGetStarted('GET_STARTED'), succeeded);
await client.setGreeting('Welcome!');
await client.setPersistentMenu(help);
assert.deepEqual(await client.getGetStarted(), { payload: 'GET_STARTED' });
assert.deepEqual(await client.getGreeting(), [{ locale: 'default', text: 'Welcome!' }]);
assert.equal((await client.getPersistentMenu())[0].callToActions[0].title, 'Help');
assert.deepEqual(await client.deletePersistentMenu(), succeeded);
assert.equal(await client.getPersistentMenu(), null);
await client.setUserPersistentMenu(PERSON, help);
assert.equal((await client.getUserPersistentMenu(PERSON))[0].callToActions[0].title, 'Help');
await client.deleteUserPersistentMenu(PERSON);
assert.ok(!(await client.getUserPersistentMenu(PERSON)));

assert.equal((await client.getPageInfo()).name, 'Kaffeehaus');
assert.equal((await client.getUserProfile(PERSON)).firstName, 'Ana');

const persona = await client.createPersona({
  name: 'Ben', profilePictureUrl: 'https://example.com/ben.png',
});
assert.equal((await client.getPersona(persona.id)).name, 'Ben');
assert.deepEqual((await client.getAllPersonas()).map(({ name }) => name), ['Ben']);
await client.sendText(PERSON, 'This is Ben', { personaId: persona.id });
assert.deepEqual(await client.deletePersona(persona.id), { success: true });

const picture = await client.uploadImage('https://example.com/coffee.png', { isReusable: true });
await client.sendImage(PERSON, { attachmentId: picture.attachmentId });
const menu = await client.uploadFile(Buffer.from('Coffee: 3'), { filename: 'menu.txt', isReusable: true });
await client.sendFile(PERSON, { attachmentId: menu.attachmentId });
await client.sendFile(PERSON, Buffer.from('Coffee: 3'), { filename: 'menu.txt' });

const answers = await client.sendBatch([
  MessengerBatch.sendText(PERSON, 'One'),
  MessengerBatch.getUserProfile(PERSON),
  MessengerBatch.passThreadControl(PERSON, APP_ID),
]);
assert.deepEqual(answers.map(({ code }) => code), [200, 200, 400]);
assert.ok(answers[0].body.messageId);
assert.equal(answers[1].body.firstName, 'Ana');
assert.equal(answers[2].body.error.code, 100);

// On a Page without conversation routing, control is asked for.
const elsewhere = new MessengerClient({ origin: GRAPH_API_URL, accessToken: ZERO_CONFIG_TOKEN });
assert.deepEqual(await elsewhere.requestThreadControl(ZERO_CONFIG_PERSON), { success: true });
await elsewhere.passThreadControlToPageInbox(ZERO_CONFIG_PERSON);
await elsewhere.requestThreadControl(ZERO_CONFIG_PERSON, 'may I?');
