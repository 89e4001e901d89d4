// @runtimes node
/** Steps run by workers give what they give here; whatever goes wrong there, they run here, and that is said. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildEvent } from "../../core/index.ts";
import { digestOf } from "../../core/model/digest.ts";
import type { RemoteAnswer, RemoteWorkers } from "../../core/model/remote-work.ts";
import type * as api from "../../plugins/index.ts";
import type { StepOptions } from "../../plugins/index.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { localWorkers, type LocalWorkers } from "../local-workers.ts";
import { PROJECT, writeProject } from "./support.ts";

const test = suite("e2e/remote-steps", { timeout: 180_000 });
const { ImageDslError, build, buildLayeredImage, files, step, text } = (await import(
  join(PROJECT, "dist/index.js")
)) as typeof api;

test.before(() => void requireTool("bwrap", "bash"));

/** There is always more of it than this machine does soon. */
const AWAY = { here: 1, there: 1e9, link: 1e9, delay: 0 };
const CANARY = "canary-of-a-secret";
process.env["IMAGE_DSL_TEST_SECRET"] = CANARY;

const folder = writeProject(tmp(), { "src/a": "one\n", "src/deep/b": "two\n", "src/run": "#!/bin/sh\necho run\n" });

/** Shell and Node; links, modes, empty files and folders; an input with files of the host, one in memory and another step. */
const sources = (): StepOptions => ({
  name: "web",
  inputs: {
    src: files("src"),
    note: text("/note", "noted\n"),
    before: step({ name: "before", tools: ["cat"], run: 'seq 1000 > "$out/numbers"' }),
  },
  env: { WORD: "ünder" },
  tools: ["node", "cat"],
  run: `cat $inputs_src/deep/b $inputs_note/note > $out/both; mkdir -p $out/bin $out/empty; umask 077
    printf '#!/bin/sh\\n' > $out/bin/tool; chmod 755 $out/bin/tool; ln $out/bin/tool $out/same; ln -s ../both $out/bin/link
    touch $out/nothing; env | sort > $out/environment; id > $out/id; echo "it said $WORD"
    node -e 'const { readFileSync, writeFileSync } = require("fs");
      writeFileSync(process.env.out + "/sum", String(readFileSync(process.env.inputs_before + "/numbers", "utf8").split("\\n").reduce((sum, line) => sum + Number(line), 0)))'`,
  dest: "/srv",
});

interface Made {
  readonly digest: string;
  readonly warnings: readonly (BuildEvent & { type: "warning" })[];
  readonly notes: string;
  readonly lines: readonly string[];
}

async function make(
  options: StepOptions,
  workers?: RemoteWorkers,
  wish: { readonly store?: string; readonly signal?: AbortSignal } = {},
): Promise<Made> {
  const events: BuildEvent[] = [];
  const [result] = await build(
    { images: { app: buildLayeredImage({ name: "app", contents: step(options) }) } },
    {
      directory: folder,
      store: wish.store ?? tmp(),
      jobs: 2,
      explain: true,
      outputs: [`oci:${join(tmp(), "layout")}`],
      onEvent: (event) => events.push(event),
      ...(workers && { remoteWorkers: { workers, rates: AWAY } }),
      ...(wish.signal && { signal: wish.signal }),
    },
  );
  if (process.env["SHOW"])
    console.log(
      JSON.stringify(
        events.filter((e) => ["warning", "note"].includes(e.type)),
        null,
        1,
      ),
    );
  return {
    digest: result!.configDigest,
    warnings: events.filter((event) => event.type === "warning").filter(({ code }) => code !== "W_NO_COMMAND"),
    notes: events.flatMap((event) => (event.type === "note" ? [event.message] : [])).join("\n"),
    lines: events.flatMap((event) => (event.type === "script-output" ? [event.line] : [])),
  };
}

const TOOLS = { bash: {}, node: {}, cat: {} };

function workersIn(place: string, tools: RemoteWorkers["tools"] = TOOLS): LocalWorkers {
  return { ...localWorkers(place, ImageDslError), ...(tools && { tools }) };
}

const { digest } = await make(sources());

test("what workers make of a step is what it makes here, and nothing of this machine goes there", async () => {
  const place = tmp();
  const workers = workersIn(place);
  const store = tmp();
  const first = await make(sources(), workers, { store });
  assert.equal([first.digest, first.warnings, first.lines], [digest, [], ["it said ünder"]]);
  assert.match(first.notes, /^step before of "app": made by child in/m);
  assert.match(first.notes, /^step web of "app": made by child in/m);

  const run = workers.counts.run;
  const second = await make(sources(), workers);
  assert.equal([second.digest, workers.counts.run], [digest, run]);
  assert.match(second.notes, /^step web of "app": known to here$/m);
  const third = await make(sources(), undefined, { store });
  assert.equal([third.digest, third.lines], [digest, []], "it is kept under the key that it has here");

  for (const blob of readdirSync(join(place, "blobs"))) {
    const bytes = readFileSync(join(place, "blobs", blob));
    for (const own of [CANARY, folder, store]) assert.not.ok(bytes.includes(own), `${own} in ${blob}`);
  }
});

const STAYS: Readonly<
  Record<string, readonly [why: RegExp, options: Partial<StepOptions>, tools?: RemoteWorkers["tools"]]>
> = {
  "a step that says nothing of tools": [/it does not say which tools it needs/, { tools: undefined }],
  "a function": [/it is a function of the config/, { run: ({ $, out }) => $`echo x > ${out}/x` }],
  "tools that no worker has": [/no workers are said to have "cat" \(remote\.tools\)/, {}, { bash: {}, node: {} }],
  "tools of two platforms": [
    /no workers are said to have all of its tools/,
    {},
    { bash: { image: "a" }, cat: { image: "b" } },
  ],
  "a variable called like a secret": [/what is in \$API_TOKEN/, { env: { API_TOKEN: "x" } }],
  "a secret under another name": [/what is in \$IMAGE_DSL_TEST_SECRET/, { env: { WORD: CANARY } }],
};

for (const [name, [why, options, tools]] of Object.entries(STAYS)) {
  test(`${name} stays here, and --explain says why`, async () => {
    const workers = workersIn(tmp(), tools);
    const made = await make({ name: "web", tools: ["cat"], run: "cat /dev/null > $out/x", ...options }, workers);
    assert.match(made.notes, new RegExp(`^step web of "app": made here: .*${why.source}`, "m"));
    assert.equal(made.warnings, []);
  });
}

/** A worker whose answer is another one, or that does not answer. */
function altered(workers: LocalWorkers, alter: (result: Result, contents: Buffer) => unknown): RemoteWorkers["run"] {
  return async (task, signal): Promise<RemoteAnswer> => {
    const answer = await workers.run(task, signal);
    if (task.kind !== "steps") return answer;
    const [said, bytes] = await Promise.all(answer.outputs.map(async ({ blob }) => await gather(workers.read(blob))));
    const other = Buffer.from(JSON.stringify(alter(JSON.parse(said!.toString()) as Result, bytes!)));
    const blob = { digest: digestOf(other), size: other.length };
    await workers.write(blob, () => oneChunk(other));
    return { ...answer, outputs: [{ path: answer.outputs[0]!.path, blob }, ...answer.outputs.slice(1)] };
  };
}

interface Result {
  readonly result: { readonly changed: readonly Record<string, unknown>[] };
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Each entry with other words. */
const withEntries =
  (words: Record<string, unknown>) =>
  ({ result, ...rest }: Result): unknown => ({
    ...rest,
    result: { ...result, changed: result.changed.map((entry) => ({ ...entry, ...words })) },
  });

const LIES: Readonly<Record<string, (result: Result) => unknown>> = {
  "no result": () => [],
  "a path that leads out": withEntries({ path: "../x" }),
  "an owner": withEntries({ uid: 1000 }),
  "a time": withEntries({ mtime: 7 }),
  "a mode": withEntries({ mode: 0o100644 }),
  "a device": withEntries({ type: "character", major: 1, minor: 3, size: undefined, content: undefined }),
  "a capability": withEntries({ xattrs: { "security.capability": "x" } }),
  "a size": withEntries({ size: 3 }),
  "a place": ({ result, ...rest }) => ({
    ...rest,
    result: {
      ...result,
      changed: result.changed.map((entry) => ({ ...entry, content: { ...(entry["content"] as object), offset: 1 } })),
    },
  }),
};

const ONE: StepOptions = { name: "web", tools: ["cat"], run: "echo right > $out/x" };
const right = (await make(ONE)).digest;

test("what a worker says of a step is refused where no step could have made it", async () => {
  for (const [name, lie] of Object.entries(LIES)) {
    const workers = workersIn(tmp());
    const made = await make(ONE, { ...workers, run: altered(workers, lie) });
    assert.is(made.digest, right, name);
    assert.equal(
      made.warnings.map(({ code }) => code),
      ["E_HASH_MISMATCH"],
      name,
    );
  }
});

test("a worker that is lost, or has another tool, or none: it runs here, which is said", async () => {
  const lost: RemoteWorkers["run"] = () => Promise.reject(new ImageDslError("E_REMOTE", "Nobody is there"));
  const dead = await make(ONE, { ...workersIn(tmp()), run: lost });
  assert.equal([dead.digest, dead.warnings.map(({ code }) => code)], [right, ["E_REMOTE"]]);

  // As if the worker had another Node: what it is to have is said otherwise in its task.
  const workers = workersIn(tmp());
  const run: RemoteWorkers["run"] = async (task, signal) => {
    if (task.kind !== "steps") return workers.run(task, signal);
    const [document, ...files] = task.files;
    const bytes = await gather(workers.read(document!.blob));
    const other = Buffer.from(bytes.toString().replace(/"cat":"[^"]*"/, '"cat":"cat 0.1"'));
    const blob = { digest: digestOf(other), size: other.length };
    await workers.write(blob, () => oneChunk(other));
    return workers.run({ ...task, files: [{ ...document!, blob }, ...files] }, signal);
  };
  const unlike = await make(ONE, { ...workers, run });
  assert.equal([unlike.digest, unlike.warnings.map(({ code }) => code)], [right, ["E_REMOTE_TASK"]]);
  assert.match(
    unlike.warnings[0]!.message,
    /The worker cannot run this step: its cat is "cat .*", and at home it is "cat 0\.1"/,
  );
});

test("a step that fails there runs here, whose failure counts", async () => {
  const workers = workersIn(tmp());
  const failing = make({ ...ONE, run: "echo broken >&2; exit 3" }, workers);
  const error = await failing.then(
    () => assert.unreachable("it fails"),
    (reason: InstanceType<typeof ImageDslError>) => reason,
  );
  assert.is(error!.code, "E_SCRIPT_FAILED");
  assert.match(error!.message, /^Script "step web" of "app" failed: exit code 3; its last output:\n {2}broken$/);
  assert.is(workers.counts.run, 1);
});

test.run();
