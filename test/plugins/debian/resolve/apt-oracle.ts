/**
 * apt itself, asked what it would install into an empty root. It gets a state directory of its own, the host's
 * Debian sources (and no other vendor's), and a status file that knows of `usr-is-merged` alone. Runs as any user.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { requireTool, tmp } from "../../../harness.ts";
import type { ArchiveText } from "../../../../plugins/debian/resolve/package-index.ts";

export interface AptOracle {
  readonly architecture: string;
  /** The Packages texts that apt itself uses, in the order of its sources. */
  readonly texts: readonly ArchiveText[];
  /** `name=version` of each package that `apt-get install` would unpack, sorted. Rejects where apt refuses. */
  install(packages: readonly string[], options?: { readonly recommends?: boolean }): Promise<readonly string[]>;
}

const run = promisify(execFile);
const HOST = "/etc/apt";

/** The host's Debian archive. Fetches a suite's indexes for one architecture: some seconds and about 10 MB. */
export async function debianOracle(suite: string, architecture: string): Promise<AptOracle> {
  const directory = await layOut(await debianSources(suite), architecture);
  await aptGet(directory, ["update"]);
  return { architecture, texts: await readTexts(directory, suite), install: installer(directory) };
}

/** An archive of one Packages text, which nobody signed. */
export async function universeOracle(packages: string, architecture: string): Promise<AptOracle> {
  const archive = tmp();
  await writeFile(join(archive, "Packages"), packages);
  const directory = await layOut(`Types: deb\nURIs: file:${archive}\nSuites: ./\nTrusted: yes\n`, architecture);
  await aptGet(directory, ["update"]);
  return { architecture, texts: [{ text: packages, archive: "universe" }], install: installer(directory) };
}

export interface OracleArchive {
  readonly packages: string;
  /** Of its Release. */
  readonly fields?: Readonly<Record<string, string>>;
  /** A pin of all its packages. */
  readonly priority?: number;
  /** Packages in one folder with all else, or below dists. */
  readonly isFlat?: boolean;
}

/** Several archives, which nobody signed, in this order. */
export async function archivesOracle(archives: readonly OracleArchive[], architecture: string): Promise<AptOracle> {
  const made = await Promise.all(archives.map((archive, number) => makeArchive(archive, `o${number}`, architecture)));
  const directory = await layOut(made.map(({ source }) => source).join("\n"), architecture);
  const pins = archives.flatMap(({ priority }, number) =>
    priority === undefined ? [] : [`Package: *\nPin: release o=o${number}\nPin-Priority: ${priority}\n`],
  );
  await writeFile(join(directory, "preferences", "pins"), pins.join("\n"));
  await aptGet(directory, ["update"]);
  return {
    architecture,
    texts: archives.map(({ packages }, number) => ({ text: packages, archive: `o${number}` })),
    install: installer(directory),
  };
}

async function makeArchive(
  { packages, fields = {}, isFlat = false }: OracleArchive,
  origin: string,
  architecture: string,
): Promise<{ readonly source: string }> {
  const archive = tmp();
  const folder = isFlat ? archive : join(archive, "dists/x");
  const list = isFlat ? "Packages" : `main/binary-${architecture}/Packages`;
  await mkdir(dirname(join(folder, list)), { recursive: true });
  await writeFile(join(folder, list), packages);
  const sum = createHash("sha256").update(packages).digest("hex");
  const release = {
    Origin: origin,
    Suite: "x",
    Codename: "x",
    Architectures: architecture,
    Components: "main",
    ...fields,
  };
  const lines = Object.entries({ Date: "Sat, 01 Nov 2025 00:00:00 UTC", ...release }).map((entry) => entry.join(": "));
  const length = Buffer.byteLength(packages);
  await writeFile(join(folder, "Release"), [...lines, "SHA256:", ` ${sum} ${length} ${list}`, ""].join("\n"));
  const where = isFlat ? "Suites: ./" : "Suites: x\nComponents: main";
  return { source: `Types: deb\nURIs: file:${archive}\n${where}\nTrusted: yes\n` };
}

function installer(directory: string): AptOracle["install"] {
  return async (packages, { recommends = false } = {}) => {
    const choice = recommends ? "--install-recommends" : "--no-install-recommends";
    const { stdout } = await aptGet(directory, ["--simulate", choice, "install", "--", ...packages]);
    return Array.from(stdout.matchAll(/^Inst (\S+) \((\S+)/gm), ([, name, version]) => `${name}=${version}`).toSorted();
  };
}

/** The directory that apt is to live in. */
async function layOut(sources: string, architecture: string): Promise<string> {
  requireTool("apt-get");
  const directory = tmp();
  for (const name of ["sources", "lists/partial", "cache/archives/partial", "preferences"]) {
    await mkdir(join(directory, name), { recursive: true });
  }
  await writeFile(join(directory, "sources", "debian.sources"), sources);
  await writeFile(
    join(directory, "status"),
    "Package: usr-is-merged\nStatus: install ok installed\nArchitecture: all\nMulti-Arch: foreign\nVersion: 99\nMaintainer: nobody\nDescription: the skeleton\n\n",
  );
  // Read after the host's own configuration, whose proxies and certificates stay.
  await writeFile(
    join(directory, "apt.conf"),
    `#clear APT::Architectures;
#clear APT::Update;
#clear DPkg::Pre-Install-Pkgs;
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::GzipIndexes "false";
Dir::State "${directory}";
Dir::State::lists "${directory}/lists";
Dir::State::status "${directory}/status";
Dir::State::extended_states "${directory}/extended_states";
Dir::Cache "${directory}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${directory}/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "${directory}/preferences";
`,
  );
  return directory;
}

async function aptGet(directory: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const result = await run("apt-get", ["-c", join(directory, "apt.conf"), ...args], {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: "C" },
  });
  // apt exits 0 when it could not fetch an index.
  if (/^(Err|[EW]):/m.test(result.stderr)) throw new Error(`apt-get ${args[0]}: ${result.stderr}`);
  return result;
}

/** The host's entries for the suite and its updates and security updates, with the component `main` alone. */
async function debianSources(suite: string): Promise<string> {
  const wanted = [suite, `${suite}-updates`, `${suite}-security`];
  const entries: string[] = [];
  for (const text of await hostSources()) {
    for (const stanza of text.split(/\n{2,}/)) {
      const fields = new Map(
        stanza
          .split("\n")
          .filter((line) => !line.startsWith("#") && line.includes(":"))
          .map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
      );
      const words = (name: string): readonly string[] => (fields.get(name) ?? "").split(/\s+/);
      const suites = words("suites").filter((name) => wanted.includes(name));
      if (!words("types").includes("deb") || !words("components").includes("main") || suites.length === 0) continue;
      const keys = fields.get("signed-by");
      entries.push(sourceStanza(fields.get("uris") ?? "", suites.join(" "), keys));
    }
    for (const [, options = "", uri = "", name = "", components = ""] of text.matchAll(
      /^deb[ \t]+(?:\[([^\]]*)\][ \t]+)?(\S+)[ \t]+(\S+)[ \t]+(.*)$/gm,
    )) {
      if (!wanted.includes(name) || !components.split(/\s+/).includes("main")) continue;
      entries.push(sourceStanza(uri, name, /signed-by=(\S+)/.exec(options)?.[1]));
    }
  }
  if (entries.length === 0) throw new Error(`The host's apt configuration names no archive with ${suite} main`);
  return entries.join("\n");
}

function sourceStanza(uris: string, suites: string, keys: string | undefined): string {
  const signed = keys === undefined ? "" : `Signed-By: ${keys}\n`;
  return `Types: deb\nURIs: ${uris}\nSuites: ${suites}\nComponents: main\n${signed}`;
}

async function hostSources(): Promise<readonly string[]> {
  const parts = await readdir(join(HOST, "sources.list.d")).catch(() => []);
  const files = parts.filter((name) => /\.(list|sources)$/.test(name)).toSorted();
  const paths = [join(HOST, "sources.list"), ...files.map((name) => join(HOST, "sources.list.d", name))];
  return Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
}

/** Suite, updates, security: what apt reads first comes first. */
async function readTexts(directory: string, suite: string): Promise<readonly ArchiveText[]> {
  const lists = join(directory, "lists");
  const names = await readdir(lists);
  const texts: ArchiveText[] = [];
  for (const archive of [suite, `${suite}-updates`, `${suite}-security`]) {
    const file = names.find((name) => name.includes(`_dists_${archive}_main_`) && name.endsWith("_Packages"));
    if (file !== undefined) texts.push({ text: await readFile(join(lists, file)), archive: `${archive}/main` });
  }
  return texts;
}
