// `origin` is all that messaging-api-messenger needs to call another address.
const { MessengerClient } = require('messaging-api-messenger');
const serve = require('./webhook');

const { ACCESS_TOKEN, APP_ID, APP_SECRET, FAREWELL, GRAPH_URL, INBOX } = process.env;
const client = new MessengerClient({
  origin: GRAPH_URL, accessToken: ACCESS_TOKEN, appId: APP_ID, appSecret: APP_SECRET,
});

serve(async (person, text) => {
  if (text === 'agent') {
    await client.sendText(person, FAREWELL);
    await client.passThreadControl(person, Number(INBOX));
  } else {
    await client.sendText(person, text, { messagingType: 'RESPONSE' });
  }
});
