/** Import cycles between files. Type-only imports make none: nothing is left of them at run time. */
import type { Problem, SourceFile } from "./source-file.ts";

/** One problem for each cycle found, at the import that closes it; none when the imports are a graph without cycles. */
export function checkCycles(files: readonly SourceFile[]): readonly Problem[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, "open" | "closed">();
  const problems: Problem[] = [];
  for (const file of files) visit(file, []);
  return problems;

  function visit(file: SourceFile, trail: readonly string[]): void {
    if (state.has(file.path)) return;
    state.set(file.path, "open");
    const here = [...trail, file.path];
    for (const { target, kind, line } of file.imports) {
      const next = target === undefined || kind === "type" ? undefined : byPath.get(target);
      if (next === undefined) continue;
      if (state.get(next.path) === "open") {
        const cycle = [...here.slice(here.indexOf(next.path)), next.path].join(" → ");
        const message = `Import cycle ${cycle}; move what both need into a file of its own, or use import type`;
        problems.push({ path: file.path, line, message });
      } else visit(next, here);
    }
    state.set(file.path, "closed");
  }
}
