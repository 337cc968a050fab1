/** Next.js calls this once, before the first request. */
export async function register(): Promise<void> {
  // Spelled out because the bundler must see it: the same file is compiled for the Edge runtime, without Node.
  if (process.env['NEXT_RUNTIME'] === 'nodejs') {
    const { start } = await import('./instrumentation.node.ts');
    await start();
  }
}
