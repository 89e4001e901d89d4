// @runtimes node
/** Files and archives of the web, pinned by their sha256: `fetchFile` and `archive({ url })`, against servers of this machine. */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { scriptedServer, type TestServer } from "../core/http/servers.ts";
import { suite, tmp } from "../harness.ts";
import { CLI, namesIn, sha256, writeProject } from "./support.ts";
import { listTree } from "./tree-listing.ts";

const test = suite("e2e/fetched-files", { timeout: 120_000 });

const TOOL = Buffer.from("#!/bin/sh\necho tool\n");
const OTHER = sha256(Buffer.from("something else"));
const PAGE = "<html>Please log in</html>";

const servers: TestServer[] = [];

test.after(async () => {
  for (const server of servers) await server.close();
});

async function server(handle: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  const made = await scriptedServer(handle);
  servers.push(made);
  return made;
}

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not waited for in one go, as the server is in this process; `told` may end it. */
function build(
  cwd: string,
  cache: string,
  args: readonly string[],
  told?: (text: string, stop: () => void) => void,
): Promise<Ran> {
  const env = { ...process.env, CI: "", IMAGE_DSL_CACHE: cache, no_proxy: "127.0.0.1,localhost" };
  const child = spawn(process.execPath, [CLI, "build", ...args], { cwd, env });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => {
    stdout += piece.toString();
    told?.(stdout, () => void child.kill("SIGINT"));
  });
  child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr })));
}

function project(contents: string): string {
  return writeProject(tmp(), {
    "image.config.mjs": `import { archive, fakeNss, fetchFile, files, image } from "image-dsl";
export default image({ name: "t", contents: [${contents}] });
`,
  });
}

const fetched = (url: string, hash: string, more = `dest: "/usr/bin/tool", mode: 0o755`): string =>
  `fetchFile({ url: ${JSON.stringify(url)}, sha256: "${hash}", ${more} })`;

test("a file is fetched once, lies where it is wanted, and needs no network from then on", async () => {
  const { url, requests } = await server((_, response) => response.end(TOOL));
  const tool = `${url}/v1/my%20tool?token=secret`;
  const folder = project(
    `fakeNss(), ${fetched(tool, sha256(TOOL))}, ${fetched(tool, `sha256:${sha256(TOOL)}`, `dest: "/opt/", owner: "nobody"`)}`,
  );
  const cache = tmp();
  const first = await build(folder, cache, ["-o", "rootfs:r.tar", "-o", "digest", "--quiet"]);
  assert.is(first.status, 0, first.stderr);
  assert.is(requests.length, 1);
  const tree = listTree(join(folder, "r.tar"));
  assert.match(JSON.stringify(tree.get("usr/bin/tool")), sha256(TOOL));
  const listed = execFileSync("tar", ["--numeric-owner", "-tvf", "r.tar"], { cwd: folder, encoding: "utf8" });
  assert.match(listed, /-rwxr-xr-x 0\/0 +20 .* usr\/bin\/tool/);
  assert.match(listed, /-rw-r--r-- 65534\/65534 +20 .* opt\/my tool/);
  const again = await build(folder, cache, ["-o", "digest", "--quiet", "--no-cache"]);
  assert.is(again.stdout, first.stdout);
  assert.is(requests.length, 1);
  const elsewhere = await build(folder, tmp(), ["-o", "digest", "--quiet"]);
  assert.is(elsewhere.stdout, first.stdout);
});

test("an archive comes with its owners and links, whatever its compression, and lies below the project's own files", async () => {
  const source = tmp();
  writeProject(source, { "tool-1/bin/tool": "tool" });
  execFileSync("tar", ["--owner=7", "--group=8", "--numeric-owner", "-czf", "tool.tar.gz", "tool-1"], { cwd: source });
  const bytes = readFileSync(join(source, "tool.tar.gz"));
  const { url, requests } = await server((_, response) => response.end(bytes));
  const folder = project(
    `archive({ url: "${url}/tool.tar.gz", sha256: "${sha256(bytes)}", dest: "/opt", name: "the tool" }), files("image.config.mjs"), ${fetched(`${url}/other`, sha256(bytes))}`,
  );
  const cache = tmp();
  const { status, stdout, stderr } = await build(folder, cache, ["-o", "rootfs:r.tar", "--json"]);
  assert.is(status, 0, stderr);
  const planned = JSON.parse(stdout.split("\n").find((line) => line.includes('"type":"planned"'))!) as {
    readonly plan: { readonly groups: readonly { readonly nodes: readonly string[] }[] };
  };
  const kinds = planned.plan.groups.map(({ nodes }) => nodes.map((id) => id.split(":")[0]).join());
  assert.is(kinds.at(-1), "files");
  assert.equal(kinds.slice(0, -1).sort(), ["archive", "fetchFile"]);
  const listed = execFileSync("tar", ["--numeric-owner", "-tvf", "r.tar"], { cwd: folder, encoding: "utf8" });
  assert.match(listed, /7\/8 +4 .* opt\/tool-1\/bin\/tool/);
  assert.is((await build(folder, cache, ["-o", "digest"])).status, 0);
  assert.is(requests.length, 1);
});

test("without a sha256 the build says it, and what it fetched is there when the config has it", async () => {
  const { url, requests } = await server((_, response) => response.end(TOOL));
  const cache = tmp();
  const folder = project(fetched(`${url}/tool`, ""));
  const first = await build(folder, cache, ["-o", "digest"]);
  assert.is(first.status, 1);
  assert.match(first.stderr, `write sha256: "${sha256(TOOL)}"`);
  assert.match(first.stderr, "E_HASH_MISMATCH");
  const config = join(folder, "image.config.mjs");
  writeFileSync(config, readFileSync(config, "utf8").replace(`sha256: ""`, `sha256: "${sha256(TOOL)}"`));
  assert.is((await build(folder, cache, ["-o", "digest"])).status, 0);
  assert.is(requests.length, 1);
});

test("another file than the one that is meant is an error with both digests, and is not kept", async () => {
  const { url } = await server((request, response) => {
    if (request.url === "/page") response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(request.url === "/page" ? PAGE : TOOL);
  });
  const cache = tmp();
  const wrong = await build(project(fetched(`${url}/tool`, OTHER)), cache, ["-o", "digest"]);
  assert.is(wrong.status, 1);
  for (const part of ["E_HASH_MISMATCH", sha256(TOOL), OTHER, `${url}/tool`]) assert.match(wrong.stderr, part);
  const page = await build(project(fetched(`${url}/page`, OTHER)), cache, ["-o", "digest"]);
  assert.match(page.stderr, "sent a web page");
  assert.not.ok(namesIn(cache).some((name) => name.includes("blobs/") && name.includes(sha256(TOOL))));
});

test("what servers do wrong is told with the address, without its secrets", async () => {
  const far = await server((request, response) => {
    assert.is(request.headers.authorization, undefined);
    response.end(TOOL);
  });
  const { url } = await server((request, response, count) => {
    if (request.url === "/moved")
      return response.writeHead(302, { location: far.url.replace("127.0.0.1", "localhost") }).end();
    if (request.url === "/to-a-file") return response.writeHead(302, { location: "file:///etc/passwd" }).end();
    if (request.url === "/login") return response.writeHead(401).end();
    if (request.url === "/cut" && count === 0) {
      response.writeHead(200, { "content-length": TOOL.length, etag: '"1"' });
      response.write(TOOL.subarray(0, 5), () => response.destroy());
      return undefined;
    }
    if (request.url === "/cut") {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")![1]);
      return response.writeHead(206, { "content-range": `bytes ${from}-19/20`, etag: '"1"' }).end(TOOL.subarray(from));
    }
    if (request.url === "/large") return response.writeHead(200, { "content-length": 1e15 }).end();
    return response.writeHead(404).end();
  });
  const cache = tmp();
  const tried = async (path: string): Promise<Ran> => {
    const address = `${url.replace("//", "//me:hidden@")}${path}`;
    const ran = await build(project(fetched(address, sha256(TOOL))), cache, ["-o", "digest"]);
    assert.not.match(ran.stderr + ran.stdout, "hidden");
    return ran;
  };
  for (const [path, said] of [
    ["/nothing?key=hidden", /the server answered 404/],
    ["/login", /answered 401[^]*wants a login/],
    ["/to-a-file", /leads from http to file/],
    ["/large", /larger than|more than/],
  ] as const) {
    const { status, stderr } = await tried(path);
    assert.is(status, 1, path);
    assert.match(stderr, said);
    assert.match(stderr, "E_NETWORK");
  }
  assert.is((await tried("/cut")).status, 0);
  const fresh = await build(project(fetched(`${url.replace("//", "//me:hidden@")}/moved`, sha256(TOOL))), tmp(), [
    "-o",
    "digest",
  ]);
  assert.is(fresh.status, 0, fresh.stderr);
});

test("a download says how far it is, and Ctrl-C ends it", async () => {
  const { url } = await server((_, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write(TOOL);
  });
  const folder = project(fetched(`${url}/slow`, OTHER));
  let isStopped = false;
  const ran = await build(folder, tmp(), ["-o", "digest", "--json"], (text, stop) => {
    // A second one would not wait for what is cleaned up.
    if (!isStopped && text.includes(`"done":${TOOL.length}`)) stop();
    isStopped ||= text.includes(`"done":${TOOL.length}`);
  });
  assert.is(ran.status, 130, ran.stderr);
  assert.match(ran.stdout, `"task":"fetching ${url}/slow","done":${TOOL.length},"total":1000,"unit":"bytes"`);
});

test("what cannot be meant is told when the config is read", async () => {
  for (const [source, said] of [
    [`fetchFile({ url: "file:///etc/passwd", sha256: "", dest: "/x" })`, `begins with "https://" or "http://"`],
    [`fetchFile({ url: "ftp://h/x", sha256: "", dest: "/x" })`, `begins with "https://" or "http://"`],
    [`fetchFile({ url: "https://h/x", sha256: "abc", dest: "/x" })`, "64 hex digits"],
    [`fetchFile({ url: "https://h/x", dest: "/x" })`, "sha256"],
    [`fetchFile({ url: "https://h/x", sha256: "" })`, "dest"],
    [`fetchFile({ url: "https://h/", sha256: "", dest: "/x/" })`, "has no name in its url"],
    [`archive({ url: "https://h/x.tar" })`, `write sha256: \\"\\"`],
    [`archive({ file: "x.tar", url: "https://h/x.tar", sha256: "" })`, "expected a file's path, or"],
    [`archive({ file: "x.tar", sha256: "" })`, "is for what is fetched by its url"],
    [`archive("https://h/x.tar")`, "write archive({ url:"],
  ]) {
    const { status, stderr } = await build(project(source!), tmp(), ["-o", "digest"]);
    assert.is(status, 2, source);
    assert.match(stderr.replaceAll('"', '"'), said!.replaceAll("\\", ""), source);
  }
});

test.run();
