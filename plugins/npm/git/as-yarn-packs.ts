/** What Yarn 4 makes of a package that it packs, by whichever manager the repository's lock is of: its own writes package.json anew. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  ImageDslError,
  fileText,
  inlineFile,
  isRecord,
  readRegular,
  treePath,
  withEntries,
  type FileTree,
} from "../../../core/index.ts";
import type { Manifest } from "../locks/manifest.ts";

const MANIFEST = treePath("package.json");

/** `tree`: what is published. Throws `E_NPM_PACKAGE` where more would be changed. */
export async function asYarnPacks(
  name: string,
  directory: string,
  manifest: Manifest,
  tree: FileTree,
): Promise<FileTree> {
  const lock = ["yarn.lock", "package-lock.json", "pnpm-lock.yaml"].find((each) => existsSync(join(directory, each)));
  if (lock === "pnpm-lock.yaml") throw refused(name, "a pnpm-lock.yaml, so that Yarn has pnpm pack it");
  if (lock === "package-lock.json" || (lock === "yarn.lock" && (await isClassic(join(directory, lock))))) return tree;
  const rewritten = rewrittenField(manifest);
  if (rewritten !== undefined) throw refused(name, `${rewritten}, which Yarn replaces in package.json`);
  const written: unknown = JSON.parse(Buffer.from(fileText(tree, MANIFEST) ?? "", "latin1").toString("utf8"));
  return withEntries(tree, [inlineFile(MANIFEST, Buffer.from(JSON.stringify(written, null, 2)), tree.get(MANIFEST))]);
}

async function isClassic(lock: string): Promise<boolean> {
  return !(await readRegular(lock, "npm.lock")).includes("\n__metadata:");
}

const PUBLISHED = ["bin", "browser", "exports", "imports", "main", "module", "type", "types", "typings"];

function rewrittenField(manifest: Manifest): string | undefined {
  const { publishConfig, dependencies, optionalDependencies, peerDependencies } = manifest;
  const field = isRecord(publishConfig) ? PUBLISHED.find((key) => publishConfig[key] !== undefined) : undefined;
  const ranges = Object.values({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return field === undefined ? ranges.find((range) => /^(?:workspace|catalog):/.test(range)) : `publishConfig.${field}`;
}

function refused(name: string, what: string): ImageDslError {
  return new ImageDslError("E_NPM_PACKAGE", `${name} comes from git and has ${what}`, {
    hint: "Depend on a published version, or on a tarball of it",
  });
}
