/** `npm()` against `bun install --production` over real projects, made on the spot: every file, link and mode, for both architectures. */
import { bunDifferences, makeBunProject } from "../e2e/bun-install.ts";
import { REAL_PROJECTS } from "./npm/projects.ts";
import { soakBeside } from "./npm/rows.ts";

/** Bun has no nested overrides and writes over what a tarball brings. */
const { overrides: _nested, bundled: _overwritten, workspace, ...others } = REAL_PROJECTS;
const projects = { ...others, workspace: { ...workspace, "bunfig.toml": '[install]\nlinker = "hoisted"\n' } };

export default soakBeside({ command: "bun install", projects, make: makeBunProject, compare: bunDifferences });
