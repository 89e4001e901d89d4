/**
 * Prisma's client is no package: `prisma generate` makes it of the app's schema, into node_modules where the schema names no other folder. No lock
 * knows of it, so it is not in the image, and what imports it does not start.
 */
import {
  displayPath,
  joinPath,
  parentOf,
  readWhole,
  type Entry,
  type FileTree,
  type Finding,
} from "../../core/index.ts";

const PACKAGE = "@prisma/client";
const MODULES = "node_modules/";
const MANIFEST = `${MODULES}${PACKAGE}/package.json`;
const SCRIPT = /\.[cm]?[jt]s$/;
/** Bytes; a bundle that is larger is nobody's to wait for. */
const LARGEST = 16 * 2 ** 20;

/** Where the app imports the client by the package's name, and nobody brought it. */
export function missingClients(tree: FileTree, isStrict: boolean): readonly Finding[] {
  const entries = tree.entries();
  return entries.flatMap(({ path }): readonly Finding[] => {
    if (!path.endsWith(MANIFEST)) return [];
    const modules = parentOf(parentOf(parentOf(path)));
    if (tree.has(joinPath(modules, ".prisma/client"))) return [];
    const folder = path.slice(0, path.indexOf(MODULES));
    const importing = entries.find((entry) => isOfApp(entry, folder) && importsClient(entry));
    if (importing === undefined) return [];
    return [
      {
        code: "W_NPM_GENERATED",
        message: `${displayPath(importing.path)} imports "${PACKAGE}", which finds no client: "prisma generate" writes it into node_modules, where the image has what the lock names alone`,
        hint: 'Have it made among the app\'s own files, and import it from there: output = "../src/generated/prisma" in the generator of schema.prisma',
        ...(isStrict && { isError: true as const }),
      },
    ];
  });
}

function isOfApp({ path }: Entry, folder: string): boolean {
  return path.startsWith(folder) && SCRIPT.test(path) && !path.includes(MODULES);
}

/** The client that is made elsewhere imports what lies below the package's name. */
function importsClient(entry: Entry): boolean {
  if (entry.type !== "file" || entry.size > LARGEST) return false;
  const bytes = Buffer.from(readWhole(entry));
  return [`"${PACKAGE}"`, `'${PACKAGE}'`].some((name) => bytes.includes(name));
}
