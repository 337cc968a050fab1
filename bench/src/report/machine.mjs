import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

const GIB = 2 ** 30;

/** What the numbers depend on; nothing that names the machine. */
export function machineOf() {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: `${Math.round(totalmem() / GIB)} GiB`,
    system: `${process.platform} ${process.arch}`,
  };
}

/** The stores as they say themselves, the peers as the lock of this folder pins them. */
export function versionsOf(stores) {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return { node: process.versions.node, ...stores, ...JSON.parse(text).dependencies };
}
