/** Puts what is asked for at the same time into one call, as far as calls may be large. */

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export interface Batches<Item, Answer> {
  /** Bytes in a call. */
  readonly most: number;
  sizeOf(item: Item): number;
  /** Answers in the order of the items; an `Error` is one item's own. */
  send(items: readonly Item[]): Promise<readonly (Answer | Error)[]>;
}

/** A call carries no more than this many items, each of which takes some bytes more than its own. */
const MOST_ITEMS = 1000;

export function batched<Item, Answer>({ most, sizeOf, send }: Batches<Item, Answer>): (item: Item) => Promise<Answer> {
  let waiting: Waiting<Item, Answer>[] = [];
  let size = 0;

  function flush(): void {
    const batch = waiting;
    waiting = [];
    size = 0;
    if (batch.length > 0) void deliver(batch);
  }

  async function deliver(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await send(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index]!;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      const more = sizeOf(item);
      if (size + more > most || waiting.length === MOST_ITEMS) flush();
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ item, resolve, reject });
      size += more;
    });
}
