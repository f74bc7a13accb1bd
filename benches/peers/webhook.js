// A webhook on express for the libraries that are clients only: checks the signature, answers 200, and
// then calls `answer(person, text)` for each text.
const crypto = require('node:crypto');
const express = require('express');

module.exports = function serve(answer) {
  const app = express();
  // The limit of express is 100 KB.
  app.use(express.json({ limit: '1mb', verify: (req, _, raw) => { req.raw = raw; } }));
  app.post('/webhook', (req, res) => {
    if (!isSigned(req)) return res.sendStatus(403);
    res.send('EVENT_RECEIVED');
    for (const event of req.body.entry.flatMap((entry) => entry.messaging ?? [])) {
      const text = event.message?.text;
      if (text) answer(event.sender.id, text).catch(console.error);
    }
  });
  // The socket is the standard input.
  app.listen({ fd: 0 });
};

function isSigned(req) {
  const expected = crypto.createHmac('sha256', process.env.APP_SECRET).update(req.raw).digest();
  const signature = (req.get('x-hub-signature-256') ?? '').replace('sha256=', '');
  const bytes = Buffer.from(signature, 'hex');
  return bytes.length === expected.length && crypto.timingSafeEqual(bytes, expected);
}
