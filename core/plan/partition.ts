/** Classes of units that are only ever split. Each split costs one pass over the units. */

export class Partition {
  readonly #units: Int32Array;
  readonly #classOf: Int32Array;
  /** Per class: how many units it has. */
  readonly #sizes: number[];

  /** One class of all of `units`, which are indexes below `length`. */
  constructor(length: number, units: readonly number[]) {
    this.#units = Int32Array.from(units);
    this.#classOf = new Int32Array(length);
    this.#sizes = [units.length];
  }

  /**
   * Splits each class into the units whose word has one of the mask's bits and the others, and returns true; does
   * nothing and returns false where that would make more than `limit` classes.
   */
  split(words: Int32Array, mask: number, limit: number): boolean {
    const inside = new Int32Array(this.#sizes.length);
    for (const unit of this.#units) if ((words[unit]! & mask) !== 0) inside[this.#classOf[unit]!]! += 1;

    /** Per class: the new class of the units inside, its own where all or none are. */
    const target = inside.slice();
    let count = this.#sizes.length;
    for (let index = 0; index < inside.length; index++) {
      const splits = inside[index]! > 0 && inside[index]! < this.#sizes[index]!;
      target[index] = splits ? count++ : index;
    }
    if (count > limit) return false;
    if (count === this.#sizes.length) return true;

    for (const unit of this.#units) {
      if ((words[unit]! & mask) !== 0) this.#classOf[unit] = target[this.#classOf[unit]!]!;
    }
    for (let index = 0; index < inside.length; index++) {
      if (target[index] === index) continue;
      this.#sizes[index]! -= inside[index]!;
      this.#sizes[target[index]!] = inside[index]!;
    }
    return true;
  }

  /** The classes, each with its units in the order given. */
  classes(): readonly (readonly number[])[] {
    const classes: number[][] = this.#sizes.map(() => []);
    for (const unit of this.#units) classes[this.#classOf[unit]!]!.push(unit);
    return classes;
  }
}
