import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fault, UNHARMED } from '../harness/fault.ts';
import type { Stage } from '../harness/stage.ts';
import { redisCommand } from '../harness/stores.ts';
import { again } from './pace.ts';

const OPERATOR = 'operator';
const OPERATOR_PASSWORD = 'only-in-this-test';

export const readOnly: Fault = {
  id: 'F-10',
  title: 'Redis becomes a replica and takes no writes',
  promise: 'a refused write is no success; nobody is signed out',
  allows: UNHARMED,
  inject: async (stage) => void (await stage.redisCommand('REPLICAOF', '127.0.0.1', '9')),
  heal: async (stage) => void (await stage.redisCommand('REPLICAOF', 'NO', 'ONE')),
};

export const misconfigured: Fault = {
  id: 'F-14 MISCONF',
  title: 'Redis cannot save and refuses writes',
  promise: 'log-in and revoke work; nobody is signed out',
  allows: UNHARMED,
  inject: async (stage) => {
    // A dump cannot replace a folder of its name.
    await mkdir(join(await folderOf(stage), 'dump.rdb'));
    await stage.redisCommand('CONFIG', 'SET', 'save', '1 1');
  },
  heal: async (stage) => {
    await stage.redisCommand('CONFIG', 'SET', 'save', '');
    await rm(join(await folderOf(stage), 'dump.rdb'), { recursive: true });
    await stage.redisCommand('SAVE');
  },
};

export const unauthenticated: Fault = {
  id: 'F-14 NOAUTH',
  title: 'Redis asks for a password that nobody has',
  promise: 'PostgreSQL answers; it heals when the password goes',
  allows: UNHARMED,
  inject: async (stage) => {
    await addOperator(stage);
    await asOperator(stage, 'ACL', 'SETUSER', 'default', 'resetpass', '>unknown');
    await asOperator(stage, 'CLIENT', 'KILL', 'USER', 'default');
  },
  heal: async (stage) => void (await asOperator(stage, 'ACL', 'SETUSER', 'default', 'nopass')),
};

export const forbidden: Fault = {
  id: 'F-14 NOPERM',
  title: 'Redis forbids every command to us',
  promise: 'PostgreSQL answers; it heals when the right is back',
  allows: UNHARMED,
  inject: async (stage) => {
    await addOperator(stage);
    await asOperator(stage, 'ACL', 'SETUSER', 'default', '-@all');
  },
  heal: async (stage) => void (await asOperator(stage, 'ACL', 'SETUSER', 'default', '+@all')),
};

export const scriptsForgotten: Fault = {
  id: 'F-14 NOSCRIPT',
  title: 'Redis forgets its scripts again and again',
  promise: 'nothing is noticed',
  allows: UNHARMED,
  holdMs: 0,
  inject: (stage) => again(20, async () => void (await stage.redisCommand('SCRIPT', 'FLUSH'))),
  heal: async () => undefined,
};

export const loading: Fault = {
  id: 'F-14 LOADING',
  title: 'Redis loads a big dump at its start',
  promise: 'PostgreSQL answers meanwhile',
  allows: UNHARMED,
  holdMs: 0,
  inject: async (stage) => {
    await stage.redisCommand('DEBUG', 'POPULATE', '1500000', 'filler', '8');
    await stage.redisCommand('SAVE');
    await stage.redis.kill();
    await stage.redis.start();
  },
  heal: async () => undefined,
};

async function folderOf(stage: Stage): Promise<string> {
  const reply = await stage.redisCommand('CONFIG', 'GET', 'dir');
  return Array.isArray(reply) ? String(reply[1]) : '';
}

async function addOperator(stage: Stage): Promise<void> {
  const rights = ['on', `>${OPERATOR_PASSWORD}`, '~*', '&*', '+@all'];
  await stage.redisCommand('ACL', 'SETUSER', OPERATOR, ...rights);
}

function asOperator(stage: Stage, ...command: string[]): Promise<unknown> {
  const url = new URL(stage.stores.redisUrl);
  url.username = OPERATOR;
  url.password = OPERATOR_PASSWORD;
  return redisCommand(url.href, command);
}
