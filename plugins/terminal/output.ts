/** A stream that text is written to: stdout, stderr, or a test's. */

export interface Output {
  write(text: string): unknown;
  on?(event: "error", handler: (error: Error) => void): unknown;
  readonly columns?: number | undefined;
}

const guarded = new WeakSet<Output>();

/** A reader that has gone (`image-dsl build | head -1`) is no reason to stop a build, nor to print a stack. */
export function ignoreClosedPipe(output: Output): void {
  if (guarded.has(output)) return;
  guarded.add(output);
  output.on?.("error", (error) => {
    if (!("code" in error) || error.code !== "EPIPE") throw error;
  });
}
