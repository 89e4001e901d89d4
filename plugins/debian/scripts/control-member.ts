/** What the members of a package's control archive say. */
import type { ScriptPackage } from "./world.ts";

/** A member's text as a byte string; undefined where the package has none of that name. */
export function controlText({ control }: Pick<ScriptPackage, "control">, name: string): string | undefined {
  const bytes = control.get(name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1");
}

/** Packages interested in a trigger that a script may set off. */
export function interestedIn(name: string, packages: readonly ScriptPackage[]): readonly ScriptPackage[] {
  return packages.filter((candidate) =>
    (controlText(candidate, "triggers") ?? "")
      .split("\n")
      .some((line) => /^\s*interest(-await|-noawait)?\s/.test(line) && line.trim().split(/\s+/)[1] === name),
  );
}
