/** How much is measured. `quick` covers the same lines with fewer users, rounds and repeats. */
const QUICK = {
  users: 1_000,
  rounds: 3,
  warmMs: 30,
  sliceMs: 80,
  waitsMs: 40,
  concurrency: [1, 32],
  repeats: 3,
  revokeAlls: 20,
  revocations: 100,
  races: 200,
  cuts: 2,
  logInSeconds: 1,
  nearMemory: 4_000,
  scale: { sizes: [10_000, 100_000], rounds: 3 },
  churn: { sessions: 20_000, lookups: 100_000, seconds: 60 },
  web: { rounds: 2, seconds: 1, concurrency: [1, 32] },
};

const FULL = {
  users: 10_000,
  rounds: 11,
  warmMs: 60,
  sliceMs: 200,
  waitsMs: 120,
  concurrency: [1, 32, 256],
  repeats: 15,
  revokeAlls: 300,
  revocations: 1_000,
  races: 3_000,
  cuts: 10,
  logInSeconds: 5,
  nearMemory: 50_000,
  scale: { sizes: [10_000, 100_000, 1_000_000], rounds: 5 },
  churn: { sessions: 200_000, lookups: 1_000_000, seconds: 300 },
  web: { rounds: 6, seconds: 2, concurrency: [1, 32, 256] },
};

export function planFor({ quick }) {
  return quick ? QUICK : FULL;
}
