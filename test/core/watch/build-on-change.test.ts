import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { hostPath } from "../../../core/tree/host.ts";
import { walk } from "../../../core/tree/walk.ts";
import { buildOnChange } from "../../../core/watch/build-on-change.ts";
import type { HostReads } from "../../../core/model/host-reads.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("watch/build-on-change");

interface Watched {
  /** What the builds that nothing overtook made. */
  readonly built: string[];
  readonly failed: string[];
  readonly changed: (readonly string[])[];
  /** How many builds began. */
  begun(): number;
  /** Once all that was saved is built: when the watcher has nothing to do, and this is so. */
  until(isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Builds what `read` makes of the folder. */
function watching(read: (reads: HostReads, signal: AbortSignal) => string | Promise<string>): Watched {
  const built: string[] = [];
  const failed: string[] = [];
  const changed: (readonly string[])[] = [];
  const controller = new AbortController();
  let begun = 0;
  let isIdle = false;
  let asking: (() => void) | undefined;
  const end = buildOnChange<string>(
    {
      async build(reads, overtaken) {
        begun++;
        isIdle = false;
        return read(reads, AbortSignal.any([overtaken, controller.signal]));
      },
      built: (result) => Promise.resolve(void built.push(result)),
      failed: (error) => void failed.push((error as Error).message),
      changed: (paths) => void changed.push(paths),
      waiting() {
        isIdle = true;
        asking?.();
      },
    },
    controller.signal,
  ).catch(() => {});
  return {
    built,
    failed,
    changed,
    begun: () => begun,
    until: (isSo) =>
      new Promise((resolve) => {
        asking = () => {
          if (isIdle && isSo()) resolve();
        };
        asking();
      }),
    async stop() {
      controller.abort();
      await end;
    },
  };
}

/** A folder's files with what they hold, as `files("src")` reads it. */
function listed(folder: string): (reads: HostReads) => string {
  return (reads) => {
    reads.path(hostPath(folder));
    const entries = walk(hostPath(folder), { modes: "keep", reads });
    const texts = entries.map((entry) => {
      if (entry.type !== "file") return `${entry.path} ${entry.type === "symlink" ? entry.target : ""}`;
      if (entry.content.kind === "host") reads.file(entry.content.file, entry.content.stat);
      return `${entry.path}=${readFileSync(join(folder, entry.path), "utf8")}`;
    });
    return texts.join(" ");
  };
}

function project(): string {
  const folder = join(tmp(), "src");
  mkdirSync(join(folder, "lib"), { recursive: true });
  writeFileSync(join(folder, "a"), "1");
  writeFileSync(join(folder, "lib", "b"), "1");
  return folder;
}

const saves: readonly [string, (folder: string) => void, string][] = [
  ["a file that is written in place", (at) => writeFileSync(join(at, "a"), "2"), "a=2 lib  lib/b=1"],
  ["a file below", (at) => writeFileSync(join(at, "lib", "b"), "2"), "a=1 lib  lib/b=2"],
  [
    "a file that an editor puts in the place of the other",
    (at) => {
      writeFileSync(join(at, "a~"), "2");
      renameSync(join(at, "a~"), join(at, "a"));
    },
    "a=2 lib  lib/b=1",
  ],
  ["a new file", (at) => writeFileSync(join(at, "lib", "c"), "1"), "a=1 lib  lib/b=1 lib/c=1"],
  ["a file that is gone", (at) => rmSync(join(at, "a")), "lib  lib/b=1"],
  ["a folder of another name", (at) => renameSync(join(at, "lib"), join(at, "lob")), "a=1 lob  lob/b=1"],
  [
    "a folder that is made anew",
    (at) => {
      rmSync(join(at, "lib"), { recursive: true });
      mkdirSync(join(at, "lib"));
      writeFileSync(join(at, "lib", "b"), "2");
    },
    "a=1 lib  lib/b=2",
  ],
  [
    "another folder in the place of all",
    (at) => {
      renameSync(at, `${at}-old`);
      mkdirSync(at);
      writeFileSync(join(at, "a"), "2");
    },
    "a=2",
  ],
];

for (const [what, save, result] of saves) {
  test(`${what} is built, and what is saved after it too`, async () => {
    const folder = project();
    const watched = watching(listed(folder));
    await watched.until(() => watched.built.length === 1);
    save(folder);
    await watched.until(() => watched.built.at(-1) === result);
    writeFileSync(join(folder, "a"), "later");
    await watched.until(() => watched.built.at(-1)!.includes("a=later"));
    await watched.stop();
  });
}

test("a link that leads elsewhere is a change", async () => {
  const folder = project();
  symlinkSync("a", join(folder, "link"));
  const watched = watching(listed(folder));
  await watched.until(() => watched.built.length === 1);
  symlinkSync("b", join(folder, "link~"));
  renameSync(join(folder, "link~"), join(folder, "link"));
  await watched.until(() => watched.built.at(-1)!.includes("link b"));
  await watched.stop();
});

test("a hundred quick saves end in the last of them", async () => {
  const folder = project();
  const watched = watching(async (reads) => {
    const text = listed(folder)(reads);
    await pause(10);
    return text;
  });
  await watched.until(() => watched.built.length === 1);
  for (let count = 0; count < 100; count++) {
    writeFileSync(join(folder, "a"), `save ${count}`);
    await pause(count % 7);
  }
  await watched.until(() => watched.built.at(-1)!.includes("a=save 99"));
  await watched.stop();
});

test("a save ends the build that has read the file, and its result is not taken", async () => {
  const folder = project();
  let isReading: () => void = () => {};
  const started = new Promise<void>((resolve) => (isReading = resolve));
  const aborted: boolean[] = [];
  const watched = watching(async (reads, signal) => {
    const text = listed(folder)(reads);
    if (aborted.length > 0) return text;
    isReading();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    aborted.push(signal.aborted);
    throw new Error("ended");
  });
  await started;
  writeFileSync(join(folder, "a"), "2");
  await watched.until(() => watched.built.length === 1);
  await watched.stop();
  assert.equal(watched.built, ["a=2 lib  lib/b=1"]);
  assert.equal(watched.failed, [], "what was overtaken has not failed");
  assert.equal(watched.changed.length, 1);
});

test("what a build writes before it reads it is no change", async () => {
  const folder = project();
  const watched = watching((reads) => {
    reads.path(hostPath(join(folder, "a")));
    writeFileSync(join(folder, "made"), "made anew");
    reads.path(hostPath(join(folder, "made")));
    return readFileSync(join(folder, "a"), "utf8");
  });
  await watched.until(() => watched.built.length === 1);
  writeFileSync(join(folder, "a"), "2");
  await watched.until(() => watched.built.at(-1) === "2");
  await watched.stop();
  assert.is(watched.begun(), 2);
});

test("what nobody reads is no change: a name that is left out, what came and went again", async () => {
  const folder = project();
  const watched = watching((reads) => {
    reads.folder(hostPath(folder), (name) => !name.endsWith(".log"));
    reads.path(hostPath(join(folder, "a")));
    return readdirSync(folder).join(" ");
  });
  await watched.until(() => watched.built.length === 1);
  writeFileSync(join(folder, "x.log"), "");
  writeFileSync(join(folder, "4913"), "");
  rmSync(join(folder, "4913"));
  writeFileSync(join(folder, "lib", "b"), "2");
  await pause(150);
  assert.is(watched.begun(), 1);
  writeFileSync(join(folder, "a"), "2");
  await watched.until(() => watched.built.length === 2);
  await watched.stop();
  assert.equal(watched.changed, [[hostPath(join(folder, "a"))]]);
});

test("a build that fails waits for what it missed, be it some folders deep", async () => {
  const folder = join(tmp(), "not", "there");
  const watched = watching(listed(folder));
  await watched.until(() => watched.failed.length === 1);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "a"), "1");
  await watched.until(() => watched.built.at(-1) === "a=1");
  await watched.stop();
});

test("a build that fails at its start is tried again after any save of what the one before it read", async () => {
  const folder = project();
  let fails = false;
  const watched = watching((reads) => {
    reads.path(hostPath(join(folder, "lib", "b")));
    if (fails) throw new Error("no luck");
    return listed(folder)(reads);
  });
  await watched.until(() => watched.built.length === 1);
  fails = true;
  writeFileSync(join(folder, "a"), "2");
  await watched.until(() => watched.failed.length === 1);
  fails = false;
  writeFileSync(join(folder, "a"), "3");
  await watched.until(() => watched.built.length === 2);
  await watched.stop();
  assert.equal(watched.failed, ["no luck"]);
});

test("a mode that is taken as it is counts, a folder's too", async () => {
  const folder = project();
  const watched = watching(listed(folder));
  await watched.until(() => watched.built.length === 1);
  chmodSync(join(folder, "lib"), 0o700);
  await watched.until(() => watched.built.length === 2);
  // Deno knows the time of a new mode in whole seconds.
  await pause(1000);
  chmodSync(join(folder, "a"), 0o700);
  await watched.until(() => watched.built.length === 3);
  await watched.stop();
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

test.run();
