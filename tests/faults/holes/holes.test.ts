import { QUICK } from './holes.ts';
import { playHoles } from './play.ts';

playHoles(QUICK);
