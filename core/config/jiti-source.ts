/** jiti keeps lines and moves columns: where they come from is asked by translating the file once more, with a map. */
import { readFileSync } from "node:fs";
import type { Jiti } from "jiti";
import type { ToSource } from "../source-place.ts";
import { sourcePosition } from "./source-map.ts";

/** What jiti writes before the first line of a module. */
const WRAPPER = "(async function (exports, require, module, __filename, __dirname, jitiImport, jitiESMResolve) { ";
const MAP = /^\/\/# sourceMappingURL=data:application\/json;[^,]*,([\w+/=]+)\s*$/m;

/** `open` gives one that writes source maps. */
export function jitiToSource(open: () => Jiti): ToSource {
  return (file, at) => {
    const source = readFileSync(file, "utf8");
    const code = open().transform({ source, filename: file, ts: /\.m?ts$/.test(file), async: true });
    const map = MAP.exec(code)?.[1];
    if (map === undefined) return at;
    const { mappings } = JSON.parse(Buffer.from(map, "base64").toString()) as { readonly mappings: string };
    const column = at.line === 1 ? Math.max(1, at.column - WRAPPER.length) : at.column;
    return sourcePosition(mappings, { line: at.line, column }) ?? at;
  };
}
