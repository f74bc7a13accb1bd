// Tests of a Messenger or Instagram bot against handover-sim, a local simulator of the platform.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = 20_000;
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Path of the program, which is in the package of this system. */
export function program() {
  const system = `handover-sim-${process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'handover-sim.exe' : 'handover-sim';
  try {
    return createRequire(import.meta.url).resolve(`${system}/bin/${file}`);
  } catch {
    throw new Error(`the package ${system} is missing: there is no handover-sim for this system, or npm left out optional packages`);
  }
}

/** Starts a simulator for a test of node:test, and stops it at the end of the test. */
export async function simulate(test, ...options) {
  const simulator = await Simulator.start(...options);
  test.after(() => simulator.stop());
  return simulator;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function ended(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A running simulator with one Page and one bot. */
export class Simulator {
  #processes = [];

  /** Options are those of `handover-sim`, such as '--instagram'. */
  static async start(...options) {
    const simulator = new Simulator();
    const port = await freePort();
    const bot = `http://127.0.0.1:${port}/webhook`;
    const child = spawn(program(), ['--port', '0', '--bot', bot, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    simulator.#processes.push(child);
    simulator.env = { HOST: '127.0.0.1', PORT: String(port) };
    for await (const line of createInterface({ input: child.stdout })) {
      for (const [, name, value] of line.matchAll(/\b([A-Z_]+)=(\S+)/g)) simulator.env[name] = value;
      if (line.startsWith('Act as person and agent at ')) simulator.url = line.split(' ').at(-1);
      if (line.startsWith('Stop with')) break;
    }
    if (!simulator.url) throw new Error('handover-sim has not started: its message is above');
    simulator.inbox = new Inbox(simulator);
    return simulator;
  }

  /** Stops the simulator and the bots that it has started. */
  async stop() {
    for (const child of this.#processes.reverse()) {
      if (ended(child)) continue;
      const end = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await end;
    }
  }

  /** Starts the bot with its variables, and waits until its webhook is verified. */
  async startBot(command, args = [], options = {}) {
    const env = { ...process.env, ...this.env, ...options.env };
    const bot = spawn(command, args, { stdio: 'inherit', ...options, env });
    this.#processes.push(bot);
    await this.waitFor("the bot's webhook is verified", async () => {
      if (ended(bot)) throw new Error(`${command} ${args.join(' ')} has ended with ${bot.exitCode}`);
      return (await this.get('state')).apps.some((app) => app.verified);
    });
  }

  /** Calls the control API, which docs/simulator/control-api.md describes. */
  async request(method, path, body) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.url}control/${path}`, { method, headers, body: JSON.stringify(body) });
    const read = await answer.json();
    if (!answer.ok) throw new Error(read.error);
    return read;
  }

  get(path) {
    return this.request('GET', path);
  }

  /** The person with this name, who has a thread with the Page. */
  async person(name) {
    return new Person(this, name, (await this.request('POST', 'persons', { name })).person);
  }

  /** Moves the simulator's clock forward: '31m', '2h', '1d'. */
  async passTime(time) {
    const [, number, unit] = /^([\d.]+)(ms|s|m|h|d)$/.exec(time);
    await this.request('POST', 'clock', { advance_ms: Math.round(number * UNITS[unit]) });
  }

  /** Waits until the condition holds. */
  async waitFor(what, condition) {
    const end = Date.now() + PATIENCE;
    while (!(await condition())) {
      if (Date.now() > end) {
        const { threads } = await this.get('threads');
        const chats = await Promise.all(threads.map(({ person }) => new Person(this, person.name, person.id).texts()));
        throw new Error(`waited ${PATIENCE / 1000} s until ${what}; the chats: ${JSON.stringify(chats)}`);
      }
      await sleep(50);
    }
  }
}

/** Somebody who writes to the Page. */
export class Person {
  constructor(simulator, name, id) {
    Object.assign(this, { simulator, name, id });
  }

  /** Any action of the control API: `ana.act('react', { mid, reaction: 'love' })`. */
  act(action, fields) {
    return this.simulator.request('POST', `actions/${action}`, { person: this.id, ...fields });
  }

  says(text) {
    return this.act('say', { text });
  }

  taps(title) {
    return this.act('quick_reply', { title });
  }

  thread() {
    return this.simulator.get(`threads/${this.id}`);
  }

  async messages() {
    return (await this.thread()).entries.filter(({ entry }) => entry === 'message');
  }

  /** What is written in the chat, oldest first. */
  async texts() {
    return (await this.messages()).map(({ text }) => text);
  }

  /** Waits until the chat ends with this text of the Page. */
  sees(text) {
    return this.simulator.waitFor(`${this.name} sees ${JSON.stringify(text)}`, async () => {
      const last = (await this.messages()).at(-1);
      return last?.app && last.text === text;
    });
  }

  /** Name of the app that owns the thread; none for an idle thread. */
  async owner() {
    return (await this.thread()).thread.owner?.name;
  }
}

/** The agents in the Page Inbox. */
export class Inbox {
  constructor(simulator) {
    this.simulator = simulator;
  }

  /** Waits until the thread is in the main folder, and waits for an agent. */
  sees(person) {
    const isThere = async () => (await person.thread()).thread.folder === 'main';
    return this.simulator.waitFor(`${person.name} is in the inbox`, isThere);
  }

  replies(person, text) {
    return person.act('inbox_reply', { text });
  }

  takes(person) {
    return person.act('inbox_take');
  }

  isDone(person) {
    return person.act('inbox_done');
  }
}
