/** The members that a pnpm-workspace.yaml lists: below `packages:`, or behind it in brackets, as everybody writes it. */
export function pnpmGlobs(yaml: string): readonly string[] {
  const lines = yaml.split(/\r?\n/);
  const [, inBrackets] = lines.flatMap((line) => /^packages:\s*\[([^\]]*)\]/.exec(line) ?? []);
  if (inBrackets !== undefined) return inBrackets.split(",").map((glob) => glob.trim().replace(/^["']|["']$/g, ""));
  const start = lines.findIndex((line) => /^packages:\s*(?:#.*)?$/.test(line));
  if (start < 0) return [];
  const globs: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const [, glob] = /^\s*-\s*["']?([^"'#\s]+)["']?\s*(?:#.*)?$/.exec(line) ?? [];
    if (glob !== undefined) globs.push(glob);
    else if (!/^\s*(?:#.*)?$/.test(line)) break;
  }
  return globs;
}
