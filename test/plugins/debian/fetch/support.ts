/** A small signed archive on the disk, and the context that fetching from it needs. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import * as openpgp from "openpgp";
import { taskPool } from "../../../../core/tasks/task-pool.ts";
import { ImageDslError } from "../../../../core/error.ts";
import type { BuildEvent } from "../../../../core/model/event.ts";
import { openStore } from "../../../../core/store/disk-store.ts";
import type { PoolFile } from "../../../../plugins/debian/fetch/index.ts";
import type { FetchContext } from "../../../../plugins/debian/fetch/transport.ts";
import { requireTool, tmp } from "../../../harness.ts";

export interface TestContext extends FetchContext {
  readonly events: BuildEvent[];
}

/** Of all contexts of a file: a thread takes a second to start from its sources. */
const pool = taskPool({
  jobs: 2,
  signal: new AbortController().signal,
  worker: new URL("./source-worker.mjs", import.meta.url),
});

export const closeThreads = (): Promise<void> => pool.close();

/** Of a build of its own, which is known by its tasks. */
export async function testContext(directory = tmp()): Promise<TestContext> {
  const { signal } = new AbortController();
  const events: BuildEvent[] = [];
  const store = await openStore(directory);
  const emit = (event: BuildEvent): void => void events.push(event);
  return { signal, store, tasks: { ...pool }, events, emit };
}

export interface TestKey {
  readonly privateKey: openpgp.PrivateKey;
  readonly publicKey: openpgp.PublicKey;
}

/** `lifetime` in seconds; dates as the key's and its self-signatures'. */
export async function makeKey(options: { date?: Date; lifetime?: number } = {}): Promise<TestKey> {
  const { date = new Date(Date.now() - 86_400_000), lifetime = 0 } = options;
  const { privateKey, publicKey } = await openpgp.generateKey({
    userIDs: [{ name: "Test archive", email: "archive@test.example" }],
    type: "rsa",
    rsaBits: 2048,
    date,
    keyExpirationTime: lifetime,
    subkeys: [{ sign: true }],
    format: "object",
  });
  return { privateKey, publicKey };
}

export async function clearsign(
  text: string,
  keys: readonly TestKey[],
  date = new Date(Date.now() - 3_600_000),
): Promise<string> {
  const message = await openpgp.createCleartextMessage({ text });
  const signed = await openpgp.sign({ message, signingKeys: keys.map((key) => key.privateKey), date });
  return signed.replaceAll("\r\n", "\n");
}

export interface TestArchive {
  readonly directory: string;
  readonly uri: string;
  /** A file that holds the archive's public key. */
  readonly keyring: string;
  readonly debs: ReadonlyMap<string, PoolFile>;
}

type Compression = "xz" | "gz" | "zst" | "bz2" | "lz4" | "none";
type Hash = "SHA256" | "SHA512";

export interface SuiteFields {
  readonly suite: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly sign?: "inline" | "detached" | "none";
  readonly byHash?: boolean;
  /** The section that the release has. */
  readonly hash?: Hash;
  readonly compressions?: readonly Compression[];
  readonly packages?: readonly string[];
}

/** Builds packages, indexes and signed releases with the real tools. */
export async function makeArchive(suites: readonly SuiteFields[], key: TestKey): Promise<TestArchive> {
  const directory = tmp();
  const keyring = join(directory, "key.asc");
  writeFileSync(keyring, key.publicKey.armor());
  const debs = new Map<string, PoolFile>();
  for (const {
    suite,
    fields = {},
    sign = "inline",
    byHash = false,
    hash = "SHA256",
    compressions = ["xz"] as const,
    packages = ["hello"],
  } of suites) {
    const isFlat = suite.endsWith("/");
    const base = isFlat ? join(directory, suite) : join(directory, "dists", suite);
    const list = isFlat ? "Packages" : "main/binary-amd64/Packages";
    const lines: string[] = [];
    const stanzas = packages.map((name) => {
      const file = debs.get(name) ?? makeDeb(directory, name);
      debs.set(name, { ...file, archive: suite });
      return `Package: ${name}\nVersion: ${file.version}\nArchitecture: amd64\nFilename: ${file.filename}\nSize: ${file.size}\nSHA256: ${file.checksum.hex}\n`;
    });
    const text = stanzas.join("\n");
    lines.push(hashLine(base, list, Buffer.from(text), compressions.includes("none"), byHash, hash));
    for (const compression of compressions.filter((one) => one !== "none")) {
      const path = `${list}.${compression}`;
      lines.push(hashLine(base, path, compress(text, compression), true, byHash, hash));
    }
    const release = [
      ...Object.entries({
        Origin: "Debian",
        ...(!isFlat && { Suite: suite, Codename: suite }),
        Date: "Sat, 01 Nov 2025 00:00:00 UTC",
        Architectures: "amd64",
        Components: "main",
        ...(byHash && { "Acquire-By-Hash": "yes" }),
        ...fields,
      }).map(([name, value]) => `${name}: ${value}`),
      `${hash}:`,
      ...lines,
      "",
    ].join("\n");
    if (sign === "inline") put(join(base, "InRelease"), await clearsign(release, [key]));
    else put(join(base, "Release"), release);
    if (sign === "detached") {
      const message = await openpgp.createMessage({ binary: Buffer.from(release) });
      const signature = await openpgp.sign({
        message,
        signingKeys: key.privateKey,
        detached: true,
        date: new Date(Date.now() - 3_600_000),
      });
      put(join(base, "Release.gpg"), signature);
    }
  }
  return { directory, uri: `file://${directory}`, keyring, debs };
}

/** A package with a file, a link, a hard link, a set-uid program and maintainer scripts. */
export function makeDeb(directory: string, name: string, compression = "xz"): PoolFile {
  const dpkg = requireTool("dpkg-deb");
  const tree = join(tmp(), name);
  put(
    join(tree, "DEBIAN/control"),
    `Package: ${name}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: T <t@test.example>\nDescription: test\n`,
  );
  put(join(tree, "DEBIAN/postinst"), "#!/bin/sh\nexit 0\n");
  put(join(tree, `usr/share/${name}/data`), `the data of ${name}\n`.repeat(1000));
  put(join(tree, `usr/bin/${name}`), "#!/bin/sh\n");
  execFileSync("chmod", ["0755", join(tree, "DEBIAN/postinst")]);
  execFileSync("chmod", ["4755", join(tree, `usr/bin/${name}`)]);
  execFileSync("ln", ["-s", "data", join(tree, `usr/share/${name}/link`)]);
  execFileSync("ln", [join(tree, `usr/share/${name}/data`), join(tree, `usr/share/${name}/second`)]);
  const filename = `pool/main/${name[0]}/${name}/${name}_1.0+b1~x_amd64.deb`;
  const file = join(directory, filename);
  mkdirSync(dirname(file), { recursive: true });
  execFileSync(dpkg, ["--root-owner-group", `-Z${compression}`, "-b", tree, file], { stdio: "ignore" });
  const checksum = { algorithm: "SHA256", hex: createHash("sha256").update(readFileSync(file)).digest("hex") } as const;
  return {
    name,
    version: "1.0",
    architecture: "amd64",
    filename,
    size: statSync(file).size,
    checksum,
    archive: "test",
  };
}

export async function rejects(promise: Promise<unknown>, code: string, what = ""): Promise<ImageDslError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ImageDslError && error.code === code) return error;
    throw error;
  }
  throw new Error(`Nothing was thrown, but ${code} should have been ${what}`);
}

export interface TestServer {
  readonly uri: string;
  /** Paths as they are asked for; a test may empty it. */
  readonly asked: string[];
  /** What came with each of them. */
  readonly headers: readonly IncomingHttpHeaders[];
  close(): void;
}

/** What lies below a directory, over HTTP: the files that the paths name. */
export async function serve(directory: string): Promise<TestServer> {
  const asked: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    headers.push(request.headers);
    try {
      response.end(readFileSync(join(directory, decodeURIComponent(request.url ?? ""))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, headers, close };
}

export function put(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function hashLine(base: string, path: string, bytes: Buffer, write: boolean, byHash: boolean, hash: Hash): string {
  const hex = createHash(hash.toLowerCase()).update(bytes).digest("hex");
  if (write) put(byHash ? join(base, dirname(path), "by-hash", hash, hex) : join(base, path), bytes);
  return ` ${hex} ${bytes.length} ${path}`;
}

function compress(text: string, format: Exclude<Compression, "none">): Buffer {
  const tool = requireTool({ xz: "xz", gz: "gzip", zst: "zstd", bz2: "bzip2", lz4: "lz4" }[format]);
  return execFileSync(tool, ["-c"], { input: text });
}
