/** Native code that is for one release line of Node alone: what this machine's built has to be for the image's. What is written against Node-API is for all. */
import { ImageDslError, readWhole, type Entry, type Source } from "../../../core/index.ts";

/** Followed by the number of the binary interface, in the name of a function that Node looks for (node.h: NODE_MODULE_INITIALIZER). */
const OF_ONE_LINE = "node_register_module_v";

/** `made`: what scripts made; `version`: of the Node that they ran with; `contents`: of the image. Throws `E_NPM_PACKAGE`. */
export function refuseOtherNode(made: readonly Entry[], version: string, contents: readonly Source[]): void {
  const own = lineOf(version);
  const runtime = contents.find(({ kind }) => kind === "node");
  const wanted = runtime && lineOf((runtime.options as { readonly version: string }).version);
  if (wanted === undefined || wanted === own) return;
  const bound = made.find((entry) => entry.type === "file" && entry.path.endsWith(".node") && isOfOneLine(entry));
  if (bound === undefined) return;
  throw new ImageDslError(
    "E_NPM_PACKAGE",
    `/${bound.path} was built by Node ${own}, and is for that alone: the image has Node ${wanted}, which cannot load it`,
    {
      hint: `Build with Node ${wanted}, or bring Node ${own}: runtime: node({ version: "${own}" }), or "engines" of package.json`,
    },
  );
}

function lineOf(version: string): string {
  return version.replace(/^v/, "").split(".")[0]!;
}

function isOfOneLine(entry: Entry): boolean {
  return entry.type === "file" && Buffer.from(readWhole(entry)).includes(OF_ONE_LINE);
}
