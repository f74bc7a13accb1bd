import assert from 'node:assert';
import { test } from 'node:test';
import { simulate } from 'handover-sim';

async function start(t) {
  const simulator = await simulate(t);
  await simulator.startBot('node', ['bot.js']);
  return { simulator, inbox: simulator.inbox, ana: await simulator.person('Ana') };
}

test('a person is handed over and back', async (t) => {
  const { ana, inbox } = await start(t);
  await ana.says('Hello');
  await ana.sees('You said: Hello');
  await ana.says('An agent, please');
  await inbox.sees(ana);
  await ana.says('Where is my order?');
  await inbox.replies(ana, 'On its way.');
  await ana.sees('On its way.');
  await inbox.isDone(ana);
  await ana.sees('I am back. Anything else?');
});

test('control ends after a day', async (t) => {
  const { simulator, ana, inbox } = await start(t);
  await ana.says('agent');
  await inbox.sees(ana);
  await simulator.passTime('31m');
  assert.equal(await ana.owner(), 'Page Inbox');
  await simulator.passTime('24h');
  assert.equal(await ana.owner(), undefined);
  // Nobody has the thread now, so the default app gets it.
  await ana.says('Hello?');
  await ana.sees('You said: Hello?');
});
