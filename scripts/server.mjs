import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { built, WEB } from './build.mjs';
import { Problem, ProgramFailed } from './steps.mjs';

const READY_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 100;

/** Runs the production server; keeps what it says until it may speak. */
export async function startServer(port, env) {
  const { endWithUs } = await import(built('tooling/local-stores'));
  // By name, so that redirects keep the visitor's cookies; by IPv4, which every client tries.
  const flagsOfNode = ['--dns-result-order=ipv4first'];
  const program = [join(WEB, 'server.mjs'), '-H', 'localhost', '-p', String(port)];
  const child = spawn(process.execPath, [...flagsOfNode, ...program], {
    cwd: WEB,
    env: { ...env, NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = endWithUs(child.pid, 'SIGTERM');

  let output = '';
  let say = (text) => {
    output += text;
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => say(text));
  }

  const ended = new Promise((_, reject) => {
    child.once('close', (code, signal) => {
      reject(new ProgramFailed('The server', code ?? signal, output));
    });
  });
  // Ending it ourselves is no failure, and then nobody waits for this promise.
  ended.catch(() => {});

  const letSpeak = () => {
    say = (text) => process.stdout.write(text);
    say(output);
    output = '';
  };
  return { ended, end, letSpeak };
}

/** Waits until the server answers; 60 s at most. */
export async function untilReady(address) {
  const deadline = performance.now() + READY_WITHIN_MS;
  let last = 'no answer';
  while (performance.now() < deadline) {
    try {
      const { status } = await fetch(`${address}/api/health`, {
        signal: AbortSignal.timeout(READY_WITHIN_MS),
      });
      if (status === 200) return;
      last = `status ${status}`;
    } catch (error) {
      last = error.cause?.code ?? error.message;
    }
    await delay(LOOK_AGAIN_MS);
  }
  throw new Problem(`/api/health was not 200 within ${READY_WITHIN_MS / 1000} s (last: ${last}).`);
}

/** Whether somebody listens on that port of localhost. */
export function isTaken(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: 'localhost', port });
    const answer = (taken) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
