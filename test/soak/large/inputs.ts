/** Honest inputs that are larger than almost all: each a project whose target `large` must be built as any other. */
import { createHash, randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openArchive, SUITE } from "../../e2e/debian-archive.ts";
import { must } from "../../e2e/support.ts";
import { tmp } from "../../harness.ts";

export interface LargeInput {
  readonly what: string;
  /** Writes what the config names into a folder; gives the arguments of `buildLayeredImage`, and whether the image is as it must be. */
  prepare(folder: string): PreparedInput;
}

export interface PreparedInput {
  readonly call: string;
  /** Shell text over `tar`, which prints the tars of all layers, one after the other. */
  readonly look: string;
  readonly expected: string;
  /** Ends what was made beside the folder. */
  dispose?(): void;
}

const MIB = 1024 * 1024;

/** `scale`: 1 is in full. */
export function largeInputs(scale: number): readonly LargeInput[] {
  const count = (full: number): number => Math.ceil(full * scale);
  return [
    {
      what: `a layer of ${(10 * scale).toPrecision(2)} GB`,
      prepare(folder) {
        mkdirSync(join(folder, "data"));
        const sha256 = writeHalfRandom(join(folder, "data/one"), count(10_000));
        return {
          call: `contents: files("data", { dest: "/data" })`,
          look: "tar -xO data/one | sha256sum",
          expected: `${sha256}  -`,
        };
      },
    },
    {
      what: `${count(250_000)} entries`,
      prepare(folder) {
        const folders = count(500);
        for (let at = 0; at < folders; at++) {
          mkdirSync(join(folder, `data/${at}`), { recursive: true });
          for (let file = 0; file < 499; file++) writeFileSync(join(folder, `data/${at}/${file}`), `${at} ${file}`);
        }
        const look = "tar -t | grep -c '^data/[0-9]'";
        return { call: `contents: files("data", { dest: "/data" })`, look, expected: String(folders * 500) };
      },
    },
    {
      what: `a package of ${(1.5 * scale).toPrecision(2)} GB`,
      prepare(folder) {
        const archive = openArchive([{ name: "large" }]);
        const tree = join(tmp(), "tree");
        must(["dpkg-deb", "-R", archive.deb("large"), tree], { cwd: folder });
        const sha256 = writeHalfRandom(join(tree, "usr/share/large/data"), count(1500));
        must(["dpkg-deb", "--root-owner-group", "-Zxz", "-z0", "-b", tree, archive.deb("large")], { cwd: folder });
        archive.sign();
        const { uri, keyring } = archive;
        const options = { suite: SUITE, packages: ["large"], mirror: uri, keyring };
        return {
          call: `contents: debian(${JSON.stringify(options)})`,
          look: "tar -xO usr/share/large/data | sha256sum",
          expected: `${sha256}  -`,
          dispose: () => archive.dispose(),
        };
      },
    },
    {
      what: "100 layers",
      prepare() {
        const call = `contents: Array.from({ length: 99 }, (_, at) => text("/data/" + at, String(at).repeat(500))), maxLayers: 101, extraCommands: "touch 99"`;
        return { call, look: "tar -t | grep -c '^data/[0-9]'", expected: "99" };
      },
    },
    {
      what: `${count(40_000)} users`,
      prepare(folder) {
        const users = count(40_000);
        mkdirSync(join(folder, "etc"));
        const lines = (line: (id: number) => string) =>
          Array.from({ length: users }, (_, at) => line(at + 1000)).join("");
        writeFileSync(
          join(folder, "etc/passwd"),
          `root:x:0:0::/root:/bin/sh\n${lines((id) => `u${id}:x:${id}:${id}::/:/bin/sh\n`)}`,
        );
        writeFileSync(join(folder, "etc/group"), `root:x:0:\n${lines((id) => `g${id}:x:${id}:u${id}\n`)}`);
        const last = users + 999;
        return {
          call: `contents: files("etc", { dest: "/etc" }), fakeRootCommands: "touch mine; chown u${last}:g${last} mine", config: { User: "u${last}" }`,
          look: "tar --numeric-owner -tv | grep mine | cut -d ' ' -f 2",
          expected: `${last}/${last}`,
        };
      },
    },
  ];
}

/** A mebibyte of random bytes, one of zeros, and so on, each random one another; gives the sha256. */
function writeHalfRandom(path: string, megabytes: number): string {
  const hash = createHash("sha256");
  const zeros = Buffer.alloc(MIB);
  const random = Buffer.alloc(MIB);
  const file = openSync(path, "w");
  for (let at = 0; at < megabytes; at++) {
    const piece = at % 2 === 0 ? randomFillSync(random) : zeros;
    hash.update(piece);
    writeSync(file, piece);
  }
  closeSync(file);
  return hash.digest("hex");
}
