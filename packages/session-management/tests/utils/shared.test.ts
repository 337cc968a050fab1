import { describe, expect, it, vi } from 'vitest';
import { once } from '../../src/utils/once.ts';
import { fingerprint, Shared } from '../../src/utils/shared.ts';

interface Config {
  url: string;
  size?: number | undefined;
}

function shared() {
  const close = vi.fn(async () => undefined);
  const open = vi.fn(({ url }: Config) => ({ value: { url }, close }));
  return { close, open, things: new Shared(`test-${Math.random()}`, open) };
}

describe('a thing that is shared by configuration', () => {
  it('is opened once, and closed with its last lease', async () => {
    const { close, open, things } = shared();
    const a = things.lease({ url: 'x' });
    const b = things.lease({ url: 'x', size: undefined });
    expect(b.value).toBe(a.value);
    expect(open).toHaveBeenCalledTimes(1);
    await a.release();
    await a.release();
    expect(close).not.toHaveBeenCalled();
    await b.release();
    expect(close).toHaveBeenCalledTimes(1);
    things.lease({ url: 'x' });
    expect(open).toHaveBeenCalledTimes(2);
  });

  it('stays open while it is taken, and while it is leased', async () => {
    const { close, things } = shared();
    const taken = things.take({ url: 'x' });
    const lease = things.lease({ url: 'x' });
    expect(lease.value).toBe(taken);
    await lease.release();
    expect(close).not.toHaveBeenCalled();
    const again = things.lease({ url: 'x' });
    await things.dismiss();
    expect(close).not.toHaveBeenCalled();
    await again.release();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('is dismissed by its configuration alone', async () => {
    const { close, things } = shared();
    things.take({ url: 'x' });
    things.take({ url: 'y' });
    await things.dismiss({ url: 'x' });
    expect(close).toHaveBeenCalledTimes(1);
    await things.dismiss({ url: 'never taken' });
    await things.dismiss();
    expect(close).toHaveBeenCalledTimes(2);
  });

  it('is named without its secrets', () => {
    const name = fingerprint({ url: 'postgresql://ada:secret@db/app' });
    expect(name).toMatch(/^[\w-]{43}$/);
    expect(fingerprint({ a: 1, b: undefined, c: 2 })).toBe(fingerprint({ c: 2, a: 1 }));
  });
});

describe('once', () => {
  it('shares one run, remembers a success and forgets a failure', async () => {
    let outcome: () => Promise<number> = () => Promise.reject(new Error('down'));
    const make = vi.fn(() => outcome());
    const made = once(make);
    expect(made.current()).toBeNull();
    await expect(Promise.all([made.get(), made.get()])).rejects.toThrow('down');
    expect(make).toHaveBeenCalledTimes(1);
    expect(made.current()).toBeNull();
    outcome = async () => 7;
    expect(await made.get()).toBe(7);
    expect(await made.get()).toBe(7);
    expect(make).toHaveBeenCalledTimes(2);
  });
});
