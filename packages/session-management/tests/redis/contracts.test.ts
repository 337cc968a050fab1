import { RedisAttemptStore } from '../../src/adapters/redis-attempt-store.ts';
import {
  describeAttemptStore,
  describeSessionAdapter,
  describeSessionCopies,
  describeUserCopies,
} from '../../src/testing.ts';
import { OURS } from '../names.ts';
import { redisStage } from './stage.ts';

const open = redisStage();

describeSessionAdapter('RedisSessionAdapter', async () => {
  const stage = await open();
  return { ...stage, adapter: stage.sessions };
});

describeSessionCopies('RedisSessionAdapter', async () => {
  const stage = await open();
  return { ...stage, copies: stage.sessions };
});

describeUserCopies('RedisUserAdapter', async () => {
  const stage = await open();
  return { ...stage, copies: stage.users };
});

describeAttemptStore('RedisAttemptStore', async () => {
  const stage = await open();
  return { ...stage, store: new RedisAttemptStore(stage.client, OURS) };
});
