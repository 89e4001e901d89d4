/** The members of a workspace, by the globs of package.json or pnpm-workspace.yaml. */
import { memberTest } from "../../tree/workspace-members.ts";
import type { PackageManifest } from "./package-manifest.ts";
import { pnpmGlobs } from "./pnpm-globs.ts";
import type { ProjectFiles } from "./project-files.ts";

/** Folders of the members, in byte order; none where the project is no workspace. */
export function workspaceMembers(files: ProjectFiles, { workspaces }: PackageManifest): readonly string[] {
  const globs = [...workspaces, ...pnpmGlobs(files.text("pnpm-workspace.yaml") ?? "")];
  if (globs.length === 0) return [];
  const isMember = memberTest(globs);
  const folders = [...files.paths].flatMap((path) => /^(.+)\/package\.json$/.exec(path)?.[1] ?? []);
  const members = folders.filter((folder) => isMember(folder)).sort();
  // A glob takes what is below its match too; a package inside a member is that member's own business.
  return members.filter((folder) => !members.some((other) => folder.startsWith(`${other}/`)));
}
