/** A power of two, so that a position wraps by a mask. */
const LENGTH = 65_536;

/** Repeatable numbers from 0 to 1 (mulberry32): two runs ask for the same sessions in the same order. */
export function repeatable(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Which session is asked for next: each as often as any other. */
export function uniformOrder(count, seed = 1) {
  const random = repeatable(seed);
  return Uint32Array.from({ length: LENGTH }, () => Math.floor(random() * count));
}

/** Zipf with s = 1: the session of rank r is asked for 1/r times as often as the first. */
export function zipfOrder(count, seed = 2, length = LENGTH) {
  const random = repeatable(seed);
  const places = shuffled(count, random);
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) {
    sum += 1 / rank;
    sums[rank - 1] = sum;
  }
  return Uint32Array.from({ length }, () => places[rankAt(sums, random() * sum)]);
}

/** Each of them once, in an order of no meaning. */
export function shuffled(count, random = repeatable(3)) {
  const places = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [places[last], places[other]] = [places[other], places[last]];
  }
  return places;
}

function rankAt(sums, point) {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] < point) low = middle + 1;
    else high = middle;
  }
  return low;
}
