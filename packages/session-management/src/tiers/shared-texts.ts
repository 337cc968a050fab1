import { LRUCache } from 'lru-cache';

/** One text in memory for all who hold the same: the visitors of a site have few User-Agents. */
export class SharedTexts {
  readonly #texts: LRUCache<string, string>;

  /** @param most - How many are remembered. */
  constructor(most: number) {
    this.#texts = new LRUCache({ max: most });
  }

  shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
