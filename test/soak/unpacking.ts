/**
 * `npm run soak unpacking [--debs=FOLDER] [--tarballs=FOLDER] [--count=N]`: what decompressing and indexing packages takes here, and what it would take to
 * have it done elsewhere (docs/remote-execution.md says what follows). By default those that apt and npm keep on this machine.
 */
import { readdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { CompressionFormat } from "../../core/compress/detect.ts";
import { compressionOfFile } from "../../core/compress/detect-file.ts";
import { unpack } from "../../core/compress/unpack.ts";
import { digestOf } from "../../core/model/digest.ts";
import { readArMembers } from "../../core/format/ar.ts";
import { openRegular, streamRegular } from "../../core/regular-file.ts";
import { encodeEntries } from "../../core/tar/entry-columns.ts";
import { indexTar } from "../../core/tar/index-tar.ts";
import { WORK_RATES } from "../../core/tasks/places/work-ledger.ts";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { tmp } from "../harness.ts";

const NPM = join(homedir(), ".npm/_cacache/content-v2/sha512");
const THREADS = 2;
const WORKERS = 32;

interface Packed {
  readonly file: string;
  readonly offset: number;
  readonly size: number;
  readonly format: CompressionFormat;
}

/** Bytes, and seconds of the processor. */
interface Cost {
  readonly packed: number;
  readonly unpacked: number;
  readonly index: number;
  readonly unpacking: number;
  readonly indexing: number;
}

const soak: Soak = async (options) => {
  const count = Number(options.get("count") ?? 150);
  const debs = filesIn(options.get("debs") ?? "/var/cache/apt/archives", (name) => name.endsWith(".deb"));
  const tarballs = filesIn(options.get("tarballs") ?? NPM, () => true);
  // npm keeps other things among them.
  const maybe = await Promise.all(spread(tarballs, 10 * count).map(tarballOf));
  return [
    await row(".deb", await Promise.all(spread(debs, count).map(dataOf))),
    await row(
      "npm",
      spread(
        maybe.filter(({ format }) => format === "gz"),
        count,
      ),
    ),
  ];
};
export default soak;

function filesIn(folder: string, isOne: (name: string) => boolean): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return names
    .filter(isOne)
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, index) => index % step === 0);
}

async function dataOf(file: string): Promise<Packed> {
  const handle = await openRegular(file);
  try {
    const data = (await readArMembers(handle, file)).find(({ name }) => name.startsWith("data.tar"))!;
    return { file, ...data, format: await compressionOfFile(file, data.offset, data.size) };
  } finally {
    await handle.close();
  }
}

async function tarballOf(file: string): Promise<Packed> {
  return { file, offset: 0, size: statSync(file).size, format: await compressionOfFile(file) };
}

async function row(what: string, packages: readonly Packed[]): Promise<SoakRow> {
  const costs: Cost[] = [];
  for (const each of packages) costs.push(await costOf(each));
  const sum = (of: keyof Cost): number => costs.reduce((all, cost) => all + cost[of], 0);
  const work = sum("unpacking") + sum("indexing");
  const elsewhere = (moved: number): number => WORK_RATES.delay + Math.max(moved / WORK_RATES.link, work / WORKERS);
  const here = work / THREADS;
  const whole = elsewhere(sum("packed") + sum("unpacked"));
  const figures = [
    `${packages.length} of ${megabytes(sum("packed"))}, unpacked ${megabytes(sum("unpacked"))}, index ${megabytes(sum("index"))}`,
    `unpacking ${seconds(sum("unpacking"))}, indexing ${seconds(sum("indexing"))} of a processor`,
    `here ${seconds(here)}; there ${seconds(whole)}, without the archives' coming back ${seconds(elsewhere(sum("packed") + sum("index")))}`,
  ];
  return { what, figure: figures.join("; "), aim: "sooner here than fetched back", ok: here < whole };
}

async function costOf(packed: Packed): Promise<Cost> {
  const output = join(tmp(), "data.tar");
  const began = processorSeconds();
  const { size } = await unpack({ ...packed, output });
  const unpacked = processorSeconds();
  const tree = await indexTar(streamRegular(output, 1024 * 1024), { file: output, archive: digestOf("archive") });
  const index = JSON.stringify(encodeEntries(tree.entries())).length;
  const indexed = processorSeconds();
  rmSync(output);
  return { packed: packed.size, unpacked: size, index, unpacking: unpacked - began, indexing: indexed - unpacked };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function seconds(time: number): string {
  return `${time.toFixed(1)} s`;
}
