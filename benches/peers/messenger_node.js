// messenger-node calls https://graph.facebook.com and nothing else. Its HTTP library, `request`, can be
// given a proxy, to which it sends the plain request if it makes no tunnel: the proxy is the stub.
const request = require('request');

const { ACCESS_TOKEN, FAREWELL, GRAPH_URL, INBOX } = process.env;
require.cache[require.resolve('request')].exports = request.defaults({
  proxy: GRAPH_URL, tunnel: false, forever: true,
});
const { Client } = require('messenger-node');
const serve = require('./webhook');

const client = new Client({ page_token: ACCESS_TOKEN });

serve(async (person, text) => {
  const recipient = { id: person };
  if (text === 'agent') {
    await client.sendText(recipient, FAREWELL);
    await client.passThreadControl(person, Number(INBOX));
  } else {
    await client.sendText(recipient, text);
  }
});
