/** The members of a workspace, by the globs of package.json or pnpm-workspace.yaml. */
import { memberTest } from "../../project/workspace-members.ts";
import type { PackageManifest } from "./package-manifest.ts";
import { PNPM_WORKSPACE, pnpmGlobs } from "../../project/pnpm-globs.ts";
import type { ProjectFiles } from "./project-files.ts";

/** Folders of the members, in byte order; none where the project is no workspace. */
export function workspaceMembers(files: ProjectFiles, { workspaces }: PackageManifest): readonly string[] {
  const globs = [...workspaces, ...pnpmGlobs(files.text(PNPM_WORKSPACE) ?? "")];
  if (globs.length === 0) return [];
  const isMember = memberTest(globs);
  const folders = [...files.paths].flatMap((path) => /^(.+)\/package\.json$/.exec(path)?.[1] ?? []);
  return folders.filter(isMember).sort();
}
