import fc from 'fast-check';
import { readSeed } from '../scripts/seeds.mjs';

/** Properties try the same examples in every run; `npm test -- --explore` tries others. */
const SEED = '1';

fc.configureGlobal({ seed: readSeed(process.env['PROPERTY_SEED'] ?? SEED, 'PROPERTY_SEED') });
