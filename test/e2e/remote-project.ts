/** Images whose layers workers make: a project of archives, built by dist/ in a process of its own, with or without workers. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEvent } from "../../core/index.ts";
import type { ProgramOptions } from "../../plugins/index.ts";
import { cipherBytes } from "../cipher-bytes.ts";
import { tmp } from "../harness.ts";
import { PROJECT, must, writeProject } from "./support.ts";

/** A folder with an archive for each image. */
export interface Packs {
  readonly folder: string;
  readonly count: number;
}

export interface PacksWish {
  /** Of workers, as a config names them; none without it. */
  readonly at?: string;
  readonly sharedCache?: NonNullable<ProgramOptions["sharedCache"]> & { readonly at: string };
  /** For the process that builds, over this one's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of another image-dsl. Default: this one's. */
  readonly dist?: string;
  /** An octal one. */
  readonly umask?: string;
}

export interface RemoteBuild {
  /** Of the manifests, in the order of the images. */
  readonly digests: readonly string[];
  /** Codes. */
  readonly warnings: readonly string[];
  /** Tasks by where they were done. */
  readonly made: { readonly there: number; readonly known: number; readonly here: number };
}

/** Each of some `size` bytes. */
export function packsIn(folder: string, count: number, size: number): Packs {
  for (let index = 0; index < count; index++) {
    const words = cipherBytes(`pack ${index}`, size / 2).toString("hex");
    writeProject(folder, { [`pack${index}/share/words`]: words, [`pack${index}/bin/tool`]: words.slice(0, 1000) });
    must(["tar", "--sort=name", "--mtime=@0", "-cf", `pack${index}.tar`, "-C", `pack${index}`, "."], { cwd: folder });
  }
  writeProject(folder, { "build.mjs": PROGRAM });
  return { folder, count };
}

/** An image of each archive and the one before it. Told what workers can do, it would keep little work here: so it is told that this machine is slow. */
const PROGRAM = `const { dist, count, store, out, at, sharedCache } = JSON.parse(process.argv[2]);
const { build, buildLayeredImage } = await import(dist + "/index.js");
const { archive } = await import(dist + "/plugins/archive.js");
const pack = (index) => archive(\`pack\${index}.tar\`, { dest: \`/pack\${index}\` });
const images = Object.fromEntries(Array.from({ length: count }, (_, index) =>
  [\`image\${index}\`, buildLayeredImage({ name: \`image\${index}\`, contents: [pack(index), pack((index + 1) % count)] })]));
const insecureHosts = sharedCache ? [sharedCache.at.split("/")[2]] : [];
await build({ images, ...(at && { remote: { at, jobs: 4 } }) }, {
  directory: import.meta.dirname, store, jobs: 2, explain: true, outputs: ["oci:" + out], insecureHosts,
  remoteWorkers: { rates: { here: 1, there: 1e9, link: 1e9, delay: 0 } },
  ...(sharedCache && { sharedCache }),
  onEvent: (event) => console.log(JSON.stringify(event)),
});
`;

/** One image of a step that reads another. */
export function stepsIn(folder: string): Packs {
  writeProject(folder, { "src/index.js": SOURCE, "src/words": "one\ntwo\n", "build.mjs": STEPS_PROGRAM });
  return { folder, count: 1 };
}

/** What bundlers do: read sources, write code and a map. */
const SOURCE = `const fs = require("fs");
const { out, inputs_src, inputs_sorted, SOURCE_DATE_EPOCH } = process.env;
const words = fs.readFileSync(inputs_sorted + "/words", "utf8").trim().split("\\n");
fs.mkdirSync(out + "/dist");
fs.writeFileSync(out + "/dist/app.js", words.map((word) => "console.log(" + JSON.stringify(word) + ");").join("\\n"));
fs.writeFileSync(out + "/dist/app.js.map", JSON.stringify({ sources: fs.readdirSync(inputs_src), SOURCE_DATE_EPOCH, cwd: process.cwd() }));
fs.symlinkSync("dist/app.js", out + "/main");`;

const STEPS_PROGRAM = `const { dist, store, out, at } = JSON.parse(process.argv[2]);
const { build, buildLayeredImage, files, step } = await import(dist + "/index.js");
const sorted = step({ name: "sorted", tools: ["sort"], inputs: { src: files("src") }, run: "sort -r $inputs_src/words | tee $out/words | wc -l >&2" });
const web = step({ name: "web", tools: ["node"], inputs: { src: files("src"), sorted }, run: "node $inputs_src/index.js", dest: "/srv" });
const tools = { bash: {}, node: {}, sort: {} };
await build({ images: { web: buildLayeredImage({ name: "web", contents: web }) }, ...(at && { remote: { at, jobs: 4, tools } }) }, {
  directory: import.meta.dirname, store, jobs: 2, explain: true, outputs: ["oci:" + out],
  remoteWorkers: { rates: { here: 1, there: 1e9, link: 1e9, delay: 0 } },
  onEvent: (event) => console.log(JSON.stringify(event)),
});
`;

/** An app that esbuild bundles, as its own package brings it. */
export function appIn(folder: string): Packs {
  writeProject(folder, {
    "build.mjs": APP_PROGRAM,
    "src/server.ts": `import { greeting } from "./greeting.ts"; console.log(greeting(process.argv[2] as string));`,
    "src/greeting.ts": "export const greeting = (name: string): string => `Hello, ${name}`;",
    ".gitignore": "*.tgz\n",
  });
  const packages = Object.fromEntries(
    ["esbuild", "@esbuild/linux-x64"].map((name) => [`node_modules/${name}`, packed(folder, name)]),
  );
  const build =
    "rm -rf dist && esbuild src/server.ts --bundle --minify --sourcemap --platform=node --outfile=dist/server.js";
  const { version } = packages["node_modules/esbuild"]!;
  const manifest = {
    name: "app",
    main: "dist/server.js",
    scripts: { build },
    devDependencies: { esbuild: version },
  };
  const lock = { name: "app", lockfileVersion: 3, packages: { "": manifest, ...packages } };
  writeProject(folder, { "package.json": JSON.stringify(manifest), "package-lock.json": JSON.stringify(lock) });
  return { folder, count: 1 };
}

/** What a lock says of a package of this project's own, whose tarball it makes. */
function packed(folder: string, name: string): Readonly<Record<string, unknown>> {
  const file = `${name.replace(/\W/g, "-")}.tgz`;
  const from = join(PROJECT, "node_modules", name);
  must(["tar", "czf", join(folder, file), "--transform=s,^\\.,package,", "-C", from, "."], { cwd: folder });
  const sum = createHash("sha512")
    .update(readFileSync(join(folder, file)))
    .digest("base64");
  const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as Record<string, unknown>;
  const { version, bin, os, cpu, optionalDependencies } = manifest;
  return {
    version,
    bin,
    os,
    cpu,
    optionalDependencies,
    dev: true,
    resolved: `file:${file}`,
    integrity: `sha512-${sum}`,
  };
}

const APP_PROGRAM = `const { dist, store, out, at } = JSON.parse(process.argv[2]);
const { build, elf, image, nodeApp } = await import(dist + "/index.js");
const runtime = elf({ files: "node", dest: "/usr/local/bin/" });
const app = nodeApp({ dir: import.meta.dirname, runtime, init: false, build: { run: "npm run build", tools: [] } });
const tools = { bash: {}, cp: {} };
await build({ images: { app: image(app) }, ...(at && { remote: { at, jobs: 4, tools } }) }, {
  directory: import.meta.dirname, store, jobs: 2, explain: true, outputs: ["oci:" + out],
  remoteWorkers: { rates: { here: 1, there: 1e9, link: 1e9, delay: 0 } },
  onEvent: (event) => console.log(JSON.stringify(event)),
});
`;

/** With a new store. */
export async function buildPacks({ folder, count }: Packs, wish: PacksWish = {}): Promise<RemoteBuild> {
  const { at, sharedCache, env, umask = "022", dist = join(PROJECT, "dist") } = wish;
  const store = join(tmp(), "store");
  mkdirSync(store, { mode: 0o700 });
  const settings = JSON.stringify({ dist, count, store, out: join(tmp(), "layout"), at, sharedCache });
  const child = spawn("sh", ["-c", 'umask "$1"; exec "$2" build.mjs "$3"', "sh", umask, process.execPath, settings], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0) throw new Error(`The build ended with ${String(status)}`);
  const events = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as BuildEvent]));
  const notes = events.flatMap((event) => (event.type === "note" ? [event.message] : []));
  const countOf = (pattern: RegExp): number => notes.filter((note) => pattern.test(note)).length;
  return {
    digests: events.flatMap((event) => (event.type === "output" ? [String(event.manifest)] : [])),
    warnings: events.flatMap(({ type, ...event }) =>
      type === "warning" && "code" in event && event.code !== "W_NO_COMMAND" ? [String(event.code)] : [],
    ),
    made: { there: countOf(/: made by /), known: countOf(/: known to /), here: countOf(/: made here/) },
  };
}
