// Repeats a text, and passes the thread of whoever writes "agent" to the inbox.
const { messenger, route, router, text } = require('bottender/router');

async function toAgent(context) {
  await context.sendText(process.env.FAREWELL);
  await context.passThreadControl(Number(process.env.INBOX));
}

async function echo(context) {
  await context.sendText(context.event.text);
}

async function nothing() {}

module.exports = async function bot() {
  return router([
    text('agent', toAgent),
    messenger.message(echo),
    route('*', nothing),
  ]);
};
