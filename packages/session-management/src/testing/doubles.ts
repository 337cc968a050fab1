/** A port whose methods can be made to fail, and then to work again. */
export interface Faulty<Port extends object> {
  port: Port;
  /** These methods reject from now on, before they reach the real port; all methods when none is named. */
  breakDown(...methods: (keyof Port)[]): void;
  heal(): void;
}

/** A port with one method whose next call can be held. */
export interface Gated<Port extends object> {
  port: Port;
  /** Holds the next call of the method before it reaches the real port; resolves once it is held. */
  hold(): Promise<void>;
  /** Lets the held call go on. */
  release(): void;
}

/** Wraps a real port so that a test can make chosen methods fail, then heal. */
export function faulty<Port extends object>(inner: Port, error: Error): Faulty<Port> {
  const broken = new Set<PropertyKey>();
  let allBroken = false;

  return {
    port: wrap(inner, (method, call) =>
      allBroken || broken.has(method) ? Promise.reject(error) : call(),
    ),
    breakDown(...methods) {
      if (methods.length === 0) allBroken = true;
      for (const method of methods) broken.add(method);
    },
    heal() {
      allBroken = false;
      broken.clear();
    },
  };
}

/** Wraps a real port so that a test can stop one call at the door while others overtake it. */
export function gated<Port extends object>(inner: Port, method: keyof Port): Gated<Port> {
  let held: (() => void) | null = null;
  let open: () => void = () => undefined;

  return {
    port: wrap(inner, async (called, call) => {
      if (called !== method || held === null) return await call();
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      held();
      held = null;
      await opened;
      return await call();
    }),
    hold: () =>
      new Promise((resolve) => {
        held = resolve;
      }),
    release: () => open(),
  };
}

type Around = (method: PropertyKey, call: () => unknown) => unknown;

/** Methods run on the real object, so that its private fields are there. */
function wrap<Port extends object>(inner: Port, around: Around): Port {
  return new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) =>
        around(name, (): unknown => Reflect.apply(value, target, args));
    },
  });
}
