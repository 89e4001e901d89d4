/** Collects one `npm-package` source: the files that were asked for, as one closure node. */
import {
  FileTree,
  ImageDslError,
  treePath,
  type Collected,
  type CollectContext,
  type StageContext,
} from "../../../core/index.ts";
import { readPackage } from "../layout/read-package.ts";
import { readNpmSettings } from "../registry/settings.ts";
import { pinPublished } from "./pin.ts";
import type { NpmPackageOptions } from "./source.ts";

/** Throws what `pinPublished` throws. */
export async function pinNpmPackage(options: NpmPackageOptions, context: StageContext): Promise<void> {
  await pinPublished(options, { settings: await readNpmSettings(context.directory), signal: context.signal }, context);
}

/** Throws `E_NPM_PACKAGE` where a file is missing, and what `pinPublished` and `storedTarball` throw. */
export async function collectNpmPackage(options: NpmPackageOptions, context: CollectContext): Promise<Collected> {
  const client = { settings: await readNpmSettings(context.directory), signal: context.signal };
  const pinned = await pinPublished(options, client, context);
  const shown = `${pinned.name}@${pinned.version}`;
  const [whole] = await context.tasks.map("net", [pinned], (each) => readPackage(each, "npm", client, context));
  const entries = Object.entries(options.files).map(([from, to]) => {
    const entry = whole!.get(treePath(from));
    if (entry?.type === "file") return { ...entry, path: treePath(to), mtime: context.spec.mtime };
    throw new ImageDslError("E_NPM_PACKAGE", `${shown} has no file ${from}`, {
      hint: "Another version may have it: see what the package's README says",
    });
  });
  const tree = FileTree.of(entries);
  const id = `npm-package:${shown}:${Object.values(options.files).join(",")}`;
  const { name, version } = pinned;
  const node = {
    id,
    kind: "npm",
    name,
    version,
    tree,
    size: tree.contentSize(),
    needs: [],
    volatility: "pinned",
  } as const;
  return { nodes: [node], roots: [id] };
}
