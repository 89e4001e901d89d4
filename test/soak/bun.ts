/** `npm()` against `bun install --production` over real projects, made on the spot: every file, link and mode, for both architectures. */
import { bunDifferences, makeBunProject } from "../e2e/bun-install.ts";
import { REAL_PROJECTS } from "./npm/projects.ts";
import { soakBeside } from "./npm/rows.ts";

/** Bun has no nested overrides and writes over what a tarball brings; folders outside of a workspace are not read. */
const { overrides: _nested, bundled: _overwritten, workspace: _folders, ...projects } = REAL_PROJECTS;

export default soakBeside({ command: "bun install", projects, make: makeBunProject, compare: bunDifferences });
