/** A text that must reach no message, event or file: whoever prints what holds one sees nothing of it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** For the header or the body that is about to be sent, and nothing else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "…";
  }

  toJSON(): string {
    return "…";
  }
}
