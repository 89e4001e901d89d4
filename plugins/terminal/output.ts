/** The stream that what is under way is shown on: stderr, or a test's. */

export interface Output {
  write(text: string): unknown;
  on?(event: "error", handler: (error: Error) => void): unknown;
  readonly columns?: number | undefined;
}

const guarded = new WeakSet<Output>();

/** What it does not take is lost, as nobody is there to be told; without this it would end the program. */
export function unheard(output: Output): void {
  if (guarded.has(output)) return;
  guarded.add(output);
  output.on?.("error", () => {});
}
