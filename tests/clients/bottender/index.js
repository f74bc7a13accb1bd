// Echoes messages until somebody asks for a person.
const { messenger, route, router, text } = require('bottender/router');

async function handOver(context) {
  await context.sendText('One moment, a colleague is taking over.');
  await context.passThreadControlToPageInbox('asked for a person');
}

async function repeat(context) {
  await context.sendText(`You said: ${context.event.text}`);
}

async function backAgain(context) {
  await context.sendText('I am back. Anything else?');
}

async function nothing() {}

module.exports = async function bot() {
  return router([
    messenger.standby(nothing),
    messenger.echo(nothing),
    messenger.passThreadControl(backAgain),
    text(/agent/i, handOver),
    messenger.message(repeat),
    route('*', nothing),
  ]);
};
