// Outlives its parent, however that ends: the pipe on stdin closes, and all that the parent
// still owned is ended by its process id and removed.
import { createInterface } from 'node:readline';
import { sweep } from './sweep.js';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

/** @type {Map<string, import('./sweep.js').Belonging>} */
const belongings = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const { key, belonging } = JSON.parse(line);
  if (belonging === null) belongings.delete(key);
  else belongings.set(key, belonging);
}

await Promise.allSettled([...belongings.values()].map(sweep));
