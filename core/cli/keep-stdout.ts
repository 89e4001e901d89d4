/**
 * Stdout is for what a command answers: an archive, a digest, JSON. What the code of a config or a plugin prints there goes
 * to stderr, as it would spoil that.
 */

/**
 * While the work lasts, `console` and `process.stdout` write to stderr; descriptor 1 is what it was.
 */
export async function keepingStdout<Result>(work: () => Promise<Result>): Promise<Result> {
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
