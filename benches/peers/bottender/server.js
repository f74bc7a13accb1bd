// Runs the bot on the socket that is the standard input.
const { bottender } = require('bottender');
const express = require('express');

const app = bottender({ dev: false });
const handle = app.getRequestHandler();

app.prepare().then(() => {
  const server = express();
  // bottender checks signatures of the raw body. The limit of express is 100 KB.
  const keepRaw = (req, _, raw) => { req.rawBody = raw.toString(); };
  server.use(express.json({ limit: '1mb', verify: keepRaw }));
  server.all('*', (req, res) => handle(req, res));
  server.listen({ fd: 0 });
});
