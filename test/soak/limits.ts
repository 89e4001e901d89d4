/**
 * `npm run soak limits [--packages=60] [--from=0] [--bases=docker://…,PATH,…] [--projects=DIR,…]`: how near honest inputs come to each limit. Debian's largest
 * packages are read one after the other, bases and projects are built from; what was largest is printed, and docs/limits.md has it
 * (`scripts/limits-seen.json`) with `--write=1`, which keeps what is known after each of them: `--from` goes on behind so many packages. Threads run the sources, so on Node 24: `node scripts/soak.ts limits`.
 */
import { createWriteStream, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { unpack, type UnpackInput } from "../../core/compress/unpack.ts";
import { limitOf, observeLimits } from "../../core/limits/limits.ts";
import { LIMITS, type LimitName } from "../../core/limits/table.ts";
import type { Tasks } from "../../core/model/tasks.ts";
import { digestOf } from "../../core/model/digest.ts";
import { openStore } from "../../core/store/disk-store.ts";
import { readDeb } from "../../plugins/debian/fetch/deb.ts";
import { build, buildLayeredImage, debian, image, npm } from "../../plugins/index.ts";
import type { ImageCall } from "../../core/index.ts";
import type { Soak, SoakOptions } from "../../scripts/soak.ts";
import { tmp } from "../harness.ts";
import { debianArchives } from "../host-archives.ts";

const SEEN = join(import.meta.dirname, "../../scripts/limits-seen.json");
/** Nothing measured may come nearer. */
const HEADROOM = 2;

const soak: Soak = async (options) => {
  const seen = new Map<LimitName, number>();
  const measured = () => void (options.has("write") && remember(seen));
  observeLimits((name, amount) => seen.set(name, Math.max(amount, seen.get(name) ?? 0)));
  try {
    for (const base of listed(options, "bases")) {
      await made(buildLayeredImage({ name: "base", fromImage: base }));
      measured();
    }
    for (const dir of listed(options, "projects")) {
      await made(image({ name: "project", contents: npm({ dir }) }));
      measured();
    }
    await readLargest(Number(options.get("from") ?? 0), Number(options.get("packages") ?? 60), measured);
  } finally {
    observeLimits(undefined);
  }
  return [...seen].map(([name, amount]) => ({
    what: name,
    figure: `${Math.ceil(amount)} of ${limitOf(name)}`,
    aim: `a ${HEADROOM}th at most`,
    ok: amount * HEADROOM <= limitOf(name),
  }));
};
export default soak;

function remember(seen: ReadonlyMap<LimitName, number>): void {
  const known = JSON.parse(readFileSync(SEEN, "utf8")) as Record<string, number>;
  const names = (Object.keys(LIMITS) as LimitName[]).filter((name) => seen.get(name) || name in known);
  const rows = names.map((name) => [name, Math.round(Math.max(seen.get(name) ?? 0, known[name] ?? 0))] as const);
  writeFileSync(SEEN, `${JSON.stringify(Object.fromEntries(rows), undefined, 2)}\n`);
}

function listed(options: SoakOptions, name: string): readonly string[] {
  return options.get(name)?.split(",") ?? [];
}

async function made(asked: ImageCall): Promise<void> {
  await build(asked, { outputs: ["digest"] });
}

/** What is read on the way to them (Release, Packages, the resolution of a package) counts, too. */
async function readLargest(from: number, count: number, measured: () => void): Promise<void> {
  const store = tmp();
  await build(image({ name: "small", contents: debian({ suite: "bookworm", packages: ["tzdata"] }) }), {
    outputs: ["digest"],
    store,
    directory: store,
  });
  for (const [index, path] of [...largestIn(store).slice(0, count).entries()].slice(from)) {
    console.error(`soak: ${index + 1} of ${count}: ${path}`);
    await readPackage(path);
    measured();
  }
}

/** Their paths below the archive's address, from the largest text that was kept: that of `main`. */
function largestIn(store: string): readonly string[] {
  const lists = join(store, "debian-lists");
  const texts = readdirSync(lists, { recursive: true, encoding: "utf8" })
    .filter((name) => /\/[0-9a-f]{64}$/.test(name))
    .map((name) => readFileSync(join(lists, name), "latin1"))
    .sort((a, b) => b.length - a.length);
  return texts[0]!
    .split("\n\n")
    .map((stanza) => ({
      path: /^Filename: (.*)$/m.exec(stanza)?.[1] ?? "",
      size: Number(/^Size: (.*)$/m.exec(stanza)?.[1] ?? 0),
    }))
    .sort((a, b) => b.size - a.size)
    .map(({ path }) => path);
}

/** In this thread, so that decompressing is seen. */
async function readPackage(path: string): Promise<void> {
  const folder = tmp();
  const file = join(folder, "package.deb");
  const response = await fetch(`${debianArchives()[0]}/${path}`);
  if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  const store = await openStore(join(folder, "store"));
  const inWorker = (_task: string, input: unknown) => unpack(input as UnpackInput);
  try {
    await readDeb(
      { file, identity: digestOf(path), name: path },
      { signal: new AbortController().signal, store, tasks: { inWorker } as unknown as Tasks },
    );
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
