// The bot's webhook server, listening on the socket that is handed to it as its standard input: so
// its address is known before it runs, and nobody else can have taken it.
const { bottender } = require('bottender');
const express = require('express');

const app = bottender({ dev: false });
const handle = app.getRequestHandler();

app.prepare().then(() => {
  const server = express();
  // Signatures are made of the bytes that came.
  server.use(express.json({ verify: (req, _, raw) => { req.rawBody = raw.toString(); } }));
  server.all('*', (req, res) => handle(req, res));
  server.listen({ fd: 0 });
});
