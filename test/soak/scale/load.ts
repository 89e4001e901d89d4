/** How much one server bears: the same request by more and more clients at a time. */

export interface Borne {
  /** A second, by the number of clients that brought most. */
  readonly rate: number;
  readonly clients: number;
}

/** `work` gives how much it did: 1 for a request, or bytes. Each number of clients works so many milliseconds. */
export async function mostOf(work: (client: number) => Promise<number>, milliseconds = 1500): Promise<Borne> {
  let best: Borne = { rate: 0, clients: 0 };
  for (let clients = 1; clients <= 64; clients *= 2) {
    const rate = await rateOf(work, clients, milliseconds);
    if (rate > best.rate) best = { rate, clients };
  }
  return best;
}

async function rateOf(
  work: (client: number) => Promise<number>,
  clients: number,
  milliseconds: number,
): Promise<number> {
  const began = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (performance.now() - began < milliseconds) done += await work(client);
    }),
  );
  return (done * 1000) / (performance.now() - began);
}
