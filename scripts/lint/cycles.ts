/** Import cycles between files, those of types among them: who reads one of the files has to read them all. */
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
    for (const { target, line } of file.imports) {
      const next = target === undefined ? undefined : byPath.get(target);
      if (next === undefined) continue;
      if (state.get(next.path) === "open") {
        const cycle = [...here.slice(here.indexOf(next.path)), next.path].join(" → ");
        const message = `Import cycle ${cycle}; move what both need into a file of its own`;
        problems.push({ path: file.path, line, message });
      } else visit(next, here);
    }
    state.set(file.path, "closed");
  }
}
