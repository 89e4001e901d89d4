/** `--import` of this file, with a folder behind `?out=`: from here on TypeScript of the project is imported as it was compiled. */
import { register } from "node:module";
import { join } from "node:path";

const project = join(import.meta.dirname, "../..");
const out = new URL(import.meta.url).searchParams.get("out");
register("./load.js", import.meta.url, { data: { project, out } });
