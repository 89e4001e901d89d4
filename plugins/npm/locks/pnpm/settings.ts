/** Settings of pnpm that lay `node_modules` out in another way: each is refused unless it says what is done here. */
import { join } from "node:path";
import { CORE_SCHEMA, load } from "js-yaml";
import { isRecord, messageOf, readRegular, systemCodeOf } from "../../../../core/index.ts";
import type { NpmSettings } from "../../registry/settings.ts";
import { lockError } from "../lock-error.ts";

/** By their names in `.npmrc`, with pnpm's defaults (pnpm.io: settings). */
const LAYOUT: Readonly<Record<string, string>> = {
  "node-linker": "isolated",
  hoist: "true",
  "hoist-pattern": "*",
  "public-hoist-pattern": "",
  "shamefully-hoist": "false",
  "hoist-workspace-packages": "true",
  "dedupe-direct-deps": "false",
  "inject-workspace-packages": "false",
  "enable-global-virtual-store": "false",
  "enable-modules-dir": "true",
  "extend-node-path": "true",
  "prefer-symlinked-executables": "false",
  "modules-dir": "node_modules",
  "virtual-store-dir": "node_modules/.pnpm",
  "virtual-store-dir-max-length": "120",
  symlink: "true",
};

export type WorkspaceSettings = Readonly<Record<string, unknown>>;

/** `pnpm-workspace.yaml`, which a project need not have. Throws `E_NPM_LOCK`. */
export async function readWorkspaceSettings(root: string): Promise<WorkspaceSettings> {
  const file = join(root, "pnpm-workspace.yaml");
  try {
    const text = (await readRegular(file, "npm.manifest")).toString("utf8");
    const written = text.trim() === "" ? {} : load(text, { schema: CORE_SCHEMA, maxAliases: 0, maxDepth: 20 });
    if (isRecord(written)) return written;
    throw new Error("it is no list of settings");
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") return {};
    throw lockError(file, messageOf(cause).split("\n", 1)[0]!, "pnpm.io/pnpm-workspace_yaml says what belongs there");
  }
}

/** Throws `E_NPM_LOCK` for a layout that is not made here. */
export function refuseOtherLayouts(lockFile: string, npmrc: NpmSettings, workspace: WorkspaceSettings): void {
  for (const [name, expected] of Object.entries(LAYOUT)) {
    const camel = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const inRc = npmrc.get(name) ?? npmrc.get(`${name}[]`);
    const [value, place] =
      workspace[camel] !== undefined ? [asText(workspace[camel]), "pnpm-workspace.yaml"] : [inRc?.value, inRc?.place];
    if (value === undefined || value === expected) continue;
    throw lockError(
      lockFile,
      `${place} sets ${name} to ${JSON.stringify(value)}, and node_modules is laid out as pnpm does by default (${JSON.stringify(expected)})`,
      `Take ${name} out, or install in a step of the build: step({ run: "pnpm install --prod" })`,
    );
  }
}

function asText(value: unknown): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}
