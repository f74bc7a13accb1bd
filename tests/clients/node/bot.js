// A bot without a framework. It echoes messages until somebody asks for a person.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const { GRAPH_API_URL, PORT, MESSENGER_PAGE_ID, MESSENGER_ACCESS_TOKEN } = process.env;
const { MESSENGER_APP_SECRET, MESSENGER_VERIFY_TOKEN } = process.env;
const PAGE_INBOX = '263902037430900';

async function call(edge, person, parameters) {
  const answer = await fetch(`${GRAPH_API_URL}/v26.0/${MESSENGER_PAGE_ID}/${edge}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${MESSENGER_ACCESS_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipient: { id: person }, ...parameters }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const send = (person, text) => call('messages', person, { messaging_type: 'RESPONSE', message: { text } });

async function handle(event) {
  const { sender, message, pass_thread_control: passed } = event;
  if (passed) {
    await send(sender.id, 'I am back. Anything else?');
  } else if (!message?.text || message.is_echo) {
    // Nothing to answer.
  } else if (/agent/i.test(message.text)) {
    await send(sender.id, 'One moment, a colleague is taking over.');
    await call('pass_thread_control', sender.id, { target_app_id: PAGE_INBOX });
  } else {
    await send(sender.id, `You said: ${message.text}`);
  }
}

function isSigned(body, signature = '') {
  const digest = `sha256=${createHmac('sha256', MESSENGER_APP_SECRET).update(body).digest('hex')}`;
  return signature.length === digest.length && timingSafeEqual(Buffer.from(signature), Buffer.from(digest));
}

createServer(async (request, response) => {
  if (request.method === 'GET') {
    const query = new URL(request.url, 'http://bot').searchParams;
    const isRight = query.get('hub.verify_token') === MESSENGER_VERIFY_TOKEN;
    return response.writeHead(isRight ? 200 : 403).end(isRight ? query.get('hub.challenge') : '');
  }
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  if (!isSigned(body, request.headers['x-hub-signature-256'])) return response.writeHead(403).end();
  response.end('EVENT_RECEIVED');
  for (const entry of JSON.parse(body).entry) {
    // What is on `standby` is for another app to answer.
    for (const event of entry.messaging ?? []) await handle(event);
  }
}).listen(PORT, '127.0.0.1');
