/** Next.js calls this once, before the first request. */
export async function register(): Promise<void> {
  // Spelled out, since the bundler must see it: this file is compiled for Edge too, without Node.
  // eslint-disable-next-line no-restricted-properties
  if (process.env['NEXT_RUNTIME'] === 'nodejs') {
    const { start } = await import('./instrumentation.node.ts');
    await start();
  }
}
