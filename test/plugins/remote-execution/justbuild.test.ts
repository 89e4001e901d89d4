// @runtimes node
// @timeout 240
/** The client against a real server: Debian's justbuild, which keeps blobs, remembers results and runs tasks on this machine. */
import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, truncateSync, writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { RemoteWorkers } from "../../../core/index.ts";
import { suite } from "../../harness.ts";
import { startJustbuild, type RemoteServer } from "../../remote-servers.ts";
import { blobOf, inPieces, NEVER, openAt, put, refusal, shellTask, take } from "./support.ts";

const test = suite("remote-execution/justbuild", { timeout: 120_000 });

let server: RemoteServer;
let workers: RemoteWorkers;
test.before(async () => {
  server = await startJustbuild();
  workers = await openAt(server.at);
});
test.after(async () => {
  await workers.close();
  await server.kill();
});

test("blobs of all sizes are missing, are written, and come back", async () => {
  const all = [0, 1, 100_000, 1_048_576, 5_000_001].map((size) => randomBytes(size));
  await put(workers, all[0]!);
  const missing = await workers.missing([...all, ...all].map(blobOf));
  assert.equal(missing, all.slice(1).map(blobOf));
  await Promise.all(all.map((bytes) => put(workers, bytes)));
  assert.equal(await workers.missing(all.map(blobOf)), []);
  for (const bytes of all) assert.ok((await take(workers, blobOf(bytes))).equals(bytes), `${bytes.length} bytes`);
});

test("many small blobs at once arrive whole", async () => {
  const all = Array.from({ length: 300 }, (_, index) => Buffer.from(`${index}\n`.repeat(5000)));
  await Promise.all(all.map((bytes) => put(workers, bytes)));
  const back = await Promise.all(all.map((bytes) => take(workers, blobOf(bytes))));
  assert.ok(back.every((bytes, index) => bytes.equals(all[index]!)));
});

test("what is no longer what was announced is refused before it is sent, or by the server", async () => {
  for (const size of [1000, 3_000_000]) {
    const [bytes, other] = [randomBytes(size), randomBytes(size)];
    for (const wrong of [bytes.subarray(1), Buffer.concat([bytes, bytes])]) {
      await refusal(
        workers.write(blobOf(bytes), () => inPieces(wrong)),
        "E_CONTENT_CHANGED",
      );
    }
    await refusal(
      workers.write(blobOf(bytes), () => inPieces(other)),
      "E_REMOTE",
    );
    assert.equal(await workers.missing([blobOf(bytes)]), [blobOf(bytes)]);
  }
});

test("a blob that is not there is told as such", async () => {
  for (const size of [1000, 3_000_000]) {
    const error = await refusal(take(workers, blobOf(randomBytes(size))), "E_REMOTE_MISSING");
    assert.match(error.message, /^The workers at 127\.0\.0\.1:\d+\/main no longer have the blob sha256:/);
  }
});

test("a task finds its files and variables, and the second time nothing runs", async () => {
  const [a, b] = [await put(workers, "a\n"), await put(workers, "exit 0\n")];
  const files = [
    { path: "in/deep/a", blob: a },
    { path: "in/b", blob: b, isExecutable: true },
    { path: "B", blob: b },
  ];
  const script = 'test -x in/b && ! test -x B && mkdir -p x && cat in/deep/a > x/copy && echo "$WORD" $(ls) > out';
  const { environment } = shellTask("");
  const task = shellTask(script, { files, outputs: ["x/copy", "out"], environment: { ...environment, WORD: "ü" } });
  assert.is(await workers.lookup(task, NEVER), undefined);
  const first = await workers.run(task, NEVER);
  assert.is(first.isCached, false);
  assert.equal(first.outputs, [
    { path: "x/copy", blob: a },
    { path: "out", blob: blobOf("ü B in x\n") },
  ]);
  assert.is(String(await take(workers, first.outputs[1]!.blob)), "ü B in x\n");
  // The order of files and variables is none.
  const again = { ...task, files: [...files].reverse(), outputs: ["out", "x/copy"] };
  const known = await workers.lookup(again, NEVER);
  assert.is(known?.isCached, true);
  assert.equal(known?.outputs, [...first.outputs].reverse());
  assert.is((await workers.run(again, NEVER)).isCached, true);
});

test("a task that fails says its last words, and is not tried again", async () => {
  const marks = join(server.folder, "marks");
  const task = shellTask(`echo x >> ${marks}; seq 100 >&2; echo "No such luck" >&2; exit 7`);
  const error = await refusal(workers.run(task, NEVER), "E_REMOTE_TASK");
  assert.match(error.message, /^a trial on the workers at 127\.0\.0\.1:\d+\/main ended with the exit code 7:\n82\n/);
  assert.match(error.message, /\n100\nNo such luck$/);
  assert.is(await workers.lookup(task, NEVER), undefined);
});

test("a task that makes no output of its has failed", async () => {
  const error = await refusal(workers.run(shellTask("echo > other"), NEVER), "E_REMOTE_TASK");
  assert.match(error.message, /has not made "out"$/);
});

test("a file that went missing is told, and sent again it runs", async () => {
  const text = randomBytes(20).toString("hex");
  const task = shellTask("cp in out", { files: [{ path: "in", blob: blobOf(text) }] });
  await refusal(workers.run(task, NEVER), "E_REMOTE_MISSING");
  await put(workers, text);
  assert.equal((await workers.run(task, NEVER)).outputs[0]?.blob, blobOf(text));
});

test("a worker that is killed is tried again, and is not believed", async () => {
  const mark = join(server.folder, "was-killed");
  const script = `test -e ${mark} && echo whole > out && exit; echo half > out; touch ${mark}; kill -9 $$`;
  const { outputs } = await workers.run(shellTask(`sh -c '${script}'`), NEVER);
  assert.equal(outputs[0]?.blob, blobOf("whole\n"));
  const error = await refusal(workers.run(shellTask("echo half > out; exit 137"), NEVER), "E_REMOTE_TASK");
  assert.match(error.message, /failed to run a task \(a trial\): UNAVAILABLE: the task was killed \(exit code 137\)$/);
});

test("a server that is killed in the middle of a task and started again does it after all", async () => {
  const running = workers.run(shellTask("sleep 1; echo done > out"), NEVER);
  const restarted = new Promise((resolve) => setTimeout(resolve, 400)).then(() => server.restart());
  const [answer] = await Promise.all([running, restarted]);
  assert.equal(answer.outputs[0]?.blob, blobOf("done\n"));
});

test("a server that is gone is an error that says so, and one that comes back is found", async () => {
  await server.kill();
  const error = await refusal(workers.run(shellTask("echo > out"), NEVER), "E_REMOTE");
  assert.match(error.message, /^The workers at 127\.0\.0\.1:\d+\/main failed to .*: UNAVAILABLE: /);
  await server.restart();
  assert.equal((await workers.run(shellTask("echo back > out"), NEVER)).outputs[0]?.blob, blobOf("back\n"));
});

test("an interrupt ends waiting at once, with the user's reason", async () => {
  const stop = new AbortController();
  const running = workers.run(shellTask("sleep 15; echo > out"), stop.signal);
  const started = Date.now();
  setTimeout(() => stop.abort(new Error("enough")), 300);
  let reason: unknown;
  await running.catch((error: unknown) => (reason = error));
  assert.is((reason as Error).message, "enough");
  assert.ok(Date.now() - started < 5000);
});

test("a cache that is emptied makes tasks run again", async () => {
  const task = shellTask("echo again > out");
  const first = await workers.run(task, NEVER);
  for (const name of readdirSync(server.folder)) rmSync(join(server.folder, name), { recursive: true });
  await server.restart();
  assert.is(await workers.lookup(task, NEVER), undefined);
  const second = await workers.run(task, NEVER);
  assert.equal([second.isCached, second.outputs], [false, first.outputs]);
});

test("bytes that rot in its storage are not believed", async () => {
  for (const size of [1000, 3_000_000]) {
    const bytes = randomBytes(size);
    const blob = await put(workers, bytes);
    const file = findFile(server.folder, blob.digest.slice("sha256:".length));
    chmodSync(file, 0o600);
    bytes[size - 1]! ^= 1;
    writeFileSync(file, bytes);
    await refusal(take(workers, blob), "E_HASH_MISMATCH");
    truncateSync(file, size - 10);
    assert.match((await refusal(take(workers, blob), "E_HASH_MISMATCH")).message, /ends after \d+ of its \d+ bytes$/);
  }
});

/** Its folders are named by the first two digits. */
function findFile(folder: string, hash: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const name = names.find((each) => each.replaceAll("/", "").endsWith(hash));
  if (name === undefined) throw new Error(`${hash} is not in ${folder}`);
  return join(folder, name);
}

test.run();
