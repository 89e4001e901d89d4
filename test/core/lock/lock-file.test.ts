import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { suite, tmp } from "../../harness.ts";
import type { ImageDslError } from "../../../core/error.ts";
import type { Json } from "../../../core/model/json.ts";
import { openLock, type LockOptions } from "../../../core/lock/lock-file.ts";

const test = suite("lock/lock-file");

const anything = v.custom<Json>(() => true);
const request = { suite: "bookworm", packages: ["redis-server"] };
const answer = [{ name: "libc6", version: "2.36" }];

function open(file: string, options: Partial<LockOptions> = {}) {
  return openLock({ file, frozen: false, update: undefined, ...options });
}

async function written(): Promise<string> {
  const file = join(tmp(), "image.lock.json");
  const lock = await open(file);
  lock.write("debian", "redis", request, answer);
  await lock.save(false);
  return file;
}

test("what was pinned is obeyed, whatever the order of the request's keys", async () => {
  const lock = await open(await written());
  assert.equal(lock.read("debian", "redis", { packages: ["redis-server"], suite: "bookworm" }, anything), answer);
});

test("a changed request is not answered by the old entry, which stays and is offered", async () => {
  const file = await written();
  const lock = await open(file);
  assert.is(lock.read("debian", "redis", { ...request, suite: "trixie" }, anything), undefined);
  const previous = lock.previous("debian", anything);
  assert.equal(
    previous.map((each) => [each.request, each.answer()]),
    [[request, answer]],
  );
  await lock.save(false);
  assert.equal((await open(file)).read("debian", "redis", request, anything), answer);
});

test("a review has each name once, however many requests have it", async () => {
  const lock = await open(await written());
  lock.write("layers", "app", { platform: "linux/amd64" }, answer);
  lock.write("layers", "app", { platform: "linux/arm64" }, answer);
  assert.equal(lock.review(), {
    unpinned: [{ kind: "layers", name: "app" }],
    unasked: [{ kind: "debian", name: "redis" }],
  });
});

test("what other builds pinned meanwhile stays; what this one only read is not put back", async () => {
  const file = await written();
  const [first, second] = [await open(file), await open(file)];
  first.write("debian", "a", { suite: "a" }, answer);
  second.read("debian", "redis", request, anything);
  second.write("debian", "b", { suite: "b" }, answer);
  const renewing = await open(file, { update: "redis" });
  assert.is(renewing.read("debian", "redis", request, anything), undefined);
  renewing.write("debian", "redis", request, ["renewed"]);
  await renewing.save(false);
  await first.save(false);
  await second.save(false);
  const after = await open(file);
  assert.equal(after.read("debian", "a", { suite: "a" }, anything), answer);
  assert.equal(after.read("debian", "b", { suite: "b" }, anything), answer);
  assert.equal(after.read("debian", "redis", request, anything), ["renewed"]);
});

test("a lock that no build wrote is a clear error: endless nesting, blanks, another file's text", async () => {
  const file = join(tmp(), "image.lock.json");
  for (const [text, told] of [
    ["[".repeat(100_000), "more than 64 levels (--limit lock.depth=128"],
    [`{"entries":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`, "more than 64 levels (--limit lock.depth=128"],
    ["root:x:0:0:secret", "it is not JSON"],
    ['{"entries":{', "it is not JSON"],
    ["", "it is not JSON"],
  ] as const) {
    writeFileSync(file, text);
    const error = await failure(open(file));
    assert.is(error.code, "E_LOCK_INVALID");
    assert.match(error.message, told);
    assert.not.match(error.message + String(error.cause ?? ""), /root|secret/);
  }
  writeFileSync(file, `{"lockVersion":1,"formatVersion":1,"entries":{},"x":"${'[{\\"'.repeat(1000)}"}`);
  await open(file);
  truncateSync(file, 300 * 1024 * 1024);
  assert.match((await failure(open(file))).message, "more than 64MiB (--limit lock.bytes=128MiB");
});

async function failure(promise: Promise<unknown>): Promise<ImageDslError> {
  return promise.then(
    () => assert.unreachable("nothing was thrown") as never,
    (error: unknown) => error as ImageDslError,
  );
}

test("a frozen lock refuses what it does not hold, with the mend", async () => {
  const lock = await open(await written(), { frozen: true });
  assert.is(lock.peek("debian", { suite: "trixie" }, anything), undefined);
  assert.equal(lock.read("debian", "redis", request, anything), answer);
  try {
    lock.read("debian", "other", { suite: "trixie" }, anything);
    assert.unreachable();
  } catch (error) {
    assert.is((error as ImageDslError).code, "E_LOCK_FROZEN");
    assert.is((error as ImageDslError).exitStatus, 2);
  }
});

test("update renews all, or one by name, once", async () => {
  const file = await written();
  const all = await open(file, { update: true });
  assert.is(all.read("debian", "redis", request, anything), undefined);
  all.write("debian", "redis", request, ["new"]);
  assert.equal(all.read("debian", "redis", request, anything), ["new"]);
  assert.equal((await open(file, { update: "other" })).read("debian", "redis", request, anything), answer);
  assert.is((await open(file, { update: "redis" })).read("debian", "redis", request, anything), undefined);
  assert.ok((await open(file, { update: "libc6" })).renews("libc6"));
});

test("saving prunes only when told to", async () => {
  const file = await written();
  const keeping = await open(file);
  keeping.write("debian", "two", { x: 1 }, []);
  await keeping.save(false);
  const pruning = await open(file, { update: true });
  pruning.write("debian", "two", { x: 1 }, []);
  await pruning.save(true);
  const after = await open(file);
  assert.is(after.read("debian", "redis", request, anything), undefined);
  assert.equal(after.read("debian", "two", { x: 1 }, anything), []);
});

test("the file is canonical, and untouched when nothing changed; no entries, no file", async () => {
  const file = await written();
  const text = readFileSync(file, "utf8");
  const before = statSync(file, { bigint: true }).mtimeNs;
  const lock = await open(file);
  lock.read("debian", "redis", request, anything);
  await lock.save(false);
  assert.is(statSync(file, { bigint: true }).mtimeNs, before);
  assert.ok(text.endsWith("}\n") && text.indexOf('"entries"') < text.indexOf('"formatVersion"'));
  const none = join(tmp(), "image.lock.json");
  await (await open(none)).save(false);
  assert.not.ok(existsSync(none));
});

test("a lock that was damaged or edited is refused", async () => {
  const file = await written();
  const good = readFileSync(file, "utf8");
  for (const bad of [
    "{",
    "[]",
    good.replace('"lockVersion": 1', '"lockVersion": 9'),
    good.replace("bookworm", "sid"),
  ]) {
    writeFileSync(file, bad);
    const error = (await open(file).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.is(error.code, "E_LOCK_INVALID", bad);
  }
});

test("an answer that its owner cannot read is a damaged lock, with its place, whoever asks how", async () => {
  const file = await written();
  const numbers = v.array(v.object({ size: v.number("Expected a size") }));
  for (const frozen of [false, true]) {
    const lock = await open(file, { frozen });
    for (const ask of [
      () => lock.read("debian", "redis", request, numbers),
      () => lock.peek("debian", request, numbers),
      () => lock.previous("debian", numbers).map((each) => each.answer()),
    ]) {
      const error = refusal(ask);
      assert.is(error.code, "E_LOCK_INVALID");
      assert.match(error.message, 'debian "redis" is damaged: 0.size:');
      assert.is(error.place?.file, file);
      assert.match(error.place?.path ?? "", /^entries\.debian\.[0-9a-f]{64}$/);
      assert.match(error.hint ?? "", "version control");
    }
  }
  const renewing = await open(file, { update: "redis" });
  assert.is(renewing.read("debian", "redis", request, numbers), undefined, "it is sought anew where that is asked for");
});

test("an entry is renewed by each of its names", async () => {
  const file = await written();
  for (const update of ["redis", "web"])
    assert.is((await open(file, { update })).read("debian", "redis", request, anything, ["web"]), undefined);
  assert.equal((await open(file, { update: "x" })).read("debian", "redis", request, anything, ["web"]), answer);
});

test("a lock that cannot be written says so, and how to do without", async () => {
  const lock = await open(join(tmp(), "gone/image.lock.json"));
  lock.write("debian", "redis", request, answer);
  const error = await failure(lock.save(false));
  assert.is(error.code, "E_LOCK_WRITE");
  assert.is(error.exitStatus, 1);
  assert.match(error.message, "Cannot write the lock");
  assert.match(error.hint ?? "", "commit the lock");
});

test("a frozen lock takes no other answer, and its file is never touched", async () => {
  const file = await written();
  writeFileSync(file, readFileSync(file, "utf8").replace("{\n", "{\n\n"));
  const text = readFileSync(file, "utf8");
  const lock = await open(file, { frozen: true });
  lock.write("debian", "redis", request, [{ version: "2.36", name: "libc6" }]);
  for (const [changed, other] of [
    [request, []],
    [{ x: 1 }, answer],
  ] as const) {
    const error = refusal(() => lock.write("debian", "redis", changed, other));
    assert.is(error.code, "E_LOCK_FROZEN");
    assert.match(error.hint ?? "", "--frozen-lock");
  }
  assert.equal(lock.peek("debian", request, anything), answer);
  await lock.save(true);
  assert.is(readFileSync(file, "utf8"), text);
});

test("a lock for images of a later format is refused, of an earlier one taken unless it is frozen", async () => {
  const file = await written();
  const good = readFileSync(file, "utf8");
  const of = (version: string) =>
    writeFileSync(file, good.replace('"formatVersion": 1', `"formatVersion": ${version}`));
  for (const later of ["2", '"1"', "null"]) {
    of(later);
    const error = (await open(file).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.is(error.code, "E_LOCK_INVALID", later);
  }
  of("0");
  const error = (await open(file, { frozen: true }).catch((thrown: unknown) => thrown)) as ImageDslError;
  assert.is(error.code, "E_LOCK_FROZEN");
  await (await open(file)).save(false);
  assert.is(readFileSync(file, "utf8"), good);
});

function refusal(work: () => unknown): ImageDslError {
  try {
    work();
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("Nothing was thrown");
}

test.run();
