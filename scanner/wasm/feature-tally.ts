import { FEATURES, type Feature, type FeatureUse } from './features.ts';

/** Counts the uses of each feature and remembers the first. */
export class FeatureTally {
  readonly #uses = new Map<Feature, { count: number; offset: number }>();

  /** Notes `count` uses, the first of them at `offset`. */
  add(feature: Feature, offset: number, count = 1): void {
    const use = this.#uses.get(feature);
    if (!use) this.#uses.set(feature, { count, offset });
    else {
      use.count += count;
      use.offset = Math.min(use.offset, offset);
    }
  }

  has(feature: Feature): boolean {
    return this.#uses.has(feature);
  }

  /** Counts every use of `from` as a use of `to`. */
  move(from: Feature, to: Feature): void {
    const use = this.#uses.get(from);
    if (!use) return;
    this.#uses.delete(from);
    this.add(to, use.offset, use.count);
  }

  /** In the order of the table of features. */
  list(): FeatureUse[] {
    return (Object.keys(FEATURES) as Feature[]).flatMap((feature) => {
      const use = this.#uses.get(feature);
      return use ? [{ feature, ...use }] : [];
    });
  }
}
