/** The members of a workspace, by the globs of package.json or pnpm-workspace.yaml. */
import { treePath } from "../../model/path.ts";
import { globMatcher } from "../../tree/glob.ts";
import type { PackageManifest } from "./package-manifest.ts";
import type { ProjectFiles } from "./project-files.ts";

/** Folders of the members, in byte order; none where the project is no workspace. */
export function workspaceMembers(files: ProjectFiles, { workspaces }: PackageManifest): readonly string[] {
  const globs = [...workspaces, ...pnpmGlobs(files.text("pnpm-workspace.yaml") ?? "")].map((glob) =>
    glob.replace(/^(!?)\.\//, "$1").replace(/\/$/, ""),
  );
  if (globs.length === 0) return [];
  const isMember = globMatcher(globs.filter((glob) => !glob.startsWith("!")));
  const isNone = globMatcher(globs.flatMap((glob) => (glob.startsWith("!") ? [glob.slice(1)] : [])));
  const folders = [...files.paths].flatMap((path) => /^(.+)\/package\.json$/.exec(path)?.[1] ?? []);
  const members = folders.filter((folder) => isMember(treePath(folder)) && !isNone(treePath(folder))).sort();
  // A glob takes what is below its match too; a package inside a member is that member's own business.
  return members.filter((folder) => !members.some((other) => folder.startsWith(`${other}/`)));
}

/** The list below `packages:`, or behind it in brackets, as everybody writes it. */
function pnpmGlobs(yaml: string): readonly string[] {
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
