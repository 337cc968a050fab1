/** `Cache-Control` of every response that reads or sets a session: no cache may keep it, not even for its own visitor. */
export const NO_STORE = 'private, no-store';
