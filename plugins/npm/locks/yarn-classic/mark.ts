/** Whether a `yarn.lock` is Yarn 1's: its first lines say so. */
export function isClassicLock(text: string): boolean {
  return text.split("\n", 5).some((line) => line.trim() === "# yarn lockfile v1");
}
