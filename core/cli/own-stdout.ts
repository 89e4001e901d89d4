/**
 * Stdout is for what a command answers: an archive, a digest, JSON. What the code of a config or a plugin prints there goes
 * to stderr, as it would spoil that.
 */

export interface TextOutput {
  write(text: string): unknown;
  on(event: "error", handler: (error: Error) => void): unknown;
}

let own: TextOutput | undefined;

/** Stdout as it was when the program began. */
export function ownStdout(): TextOutput {
  const { stdout } = process;
  return (own ??= { write: stdout.write.bind(stdout), on: stdout.on.bind(stdout) });
}

/**
 * While the work lasts, `console` and `process.stdout` write to stderr; `ownStdout` and descriptor 1 are what they were.
 */
export async function keepingStdout<Result>(work: () => Promise<Result>): Promise<Result> {
  ownStdout();
  // Deno's and Bun's console does not write by process.stdout.
  const { Console } = await import("node:console");
  const [methods, { write }] = [{ ...console }, process.stdout];
  Object.assign(console, { ...new Console(process.stderr, process.stderr) });
  // Bun's alone.
  if ("write" in console) console.write = (text: string) => process.stderr.write(text);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    return await work();
  } finally {
    Object.assign(console, methods);
    process.stdout.write = write;
  }
}
