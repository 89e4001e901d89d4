/**
 * The suite every test file uses: uvu's own, with the holes closed through which uvu lets failing tests pass.
 * A value that is no Error fails like one, a failing `before` fails every test of its suite, a test that never
 * settles fails after its timeout, a forgotten `test.run()` fails the process, and a missing tool is never silent.
 */
import { accessSync, constants, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { suite as uvuSuite } from "uvu";
import { IS_THOROUGH } from "./sampled.ts";

export type TestBody = () => void | Promise<void>;

export interface TestOptions {
  /** Milliseconds one test, or one hook, may take. */
  readonly timeout?: number;
}

export interface Hook {
  (body: TestBody): void;
  readonly each: (body: TestBody) => void;
}

export interface Suite {
  (name: string, body: TestBody, options?: TestOptions): void;
  readonly only: (name: string, body: TestBody, options?: TestOptions) => void;
  readonly skip: (name: string, body?: TestBody, options?: TestOptions) => void;
  readonly before: Hook;
  readonly after: Hook;
  readonly run: () => void;
}

const DEFAULT_TIMEOUT = 60_000;

/** A named suite with uvu's interface. Nothing runs before its `run()`. */
export function suite(name: string, options: TestOptions = {}): Suite {
  const inner = uvuSuite(name);
  const suiteTimeout = options.timeout ?? DEFAULT_TIMEOUT;
  const beforeEach: TestBody[] = [];
  const afterEach: TestBody[] = [];
  let setupFailure: Error | undefined;
  unfinished.add(name);

  const wrap = (testName: string, body: TestBody, testOptions: TestOptions = {}) => {
    const limit = testOptions.timeout ?? suiteTimeout;
    const run = async () => {
      if (setupFailure !== undefined) throw setupFailure;
      for (const hook of beforeEach) await settle(hook, limit, "before.each");
      await settle(body, limit, `"${testName}"`);
    };
    return async () => {
      let failure: unknown;
      try {
        await run();
      } catch (thrown) {
        failure = thrown;
      }
      for (const hook of afterEach) {
        try {
          await settle(hook, limit, "after.each");
        } catch (thrown) {
          failure ??= thrown;
        }
      }
      if (failure instanceof MissingTool && !isCI()) return reportSkip(testName, failure);
      if (failure !== undefined) throw failure;
    };
  };

  const before = (body: TestBody) =>
    inner.before(async () => {
      try {
        await settle(body, suiteTimeout, "before");
      } catch (thrown) {
        setupFailure ??= thrown as Error;
      }
    });
  const after = (body: TestBody) =>
    inner.after(async () => {
      try {
        await settle(body, suiteTimeout, "after");
      } catch (thrown) {
        // What a failed `before` left half made is not cleaned up whole; its own error is the one to read.
        if (setupFailure !== undefined) return;
        // uvu leaves the rejection unhandled and the process ends with status 1, which is what is wanted.
        throw new Error(`The after hook of "${name}" failed: ${(thrown as Error).message}`, { cause: thrown });
      }
    });

  const test = (testName: string, body: TestBody, testOptions?: TestOptions) =>
    inner(testName, wrap(testName, body, testOptions));
  return Object.assign(test, {
    only: (testName: string, body: TestBody, testOptions?: TestOptions) =>
      inner.only(testName, wrap(testName, body, testOptions)),
    skip: () => inner.skip(),
    before: Object.assign(before, { each: (body: TestBody) => void beforeEach.push(body) }),
    after: Object.assign(after, { each: (body: TestBody) => void afterEach.push(body) }),
    run: () => {
      unfinished.delete(name);
      inner.run();
    },
  });
}

/**
 * Finds the named commands and returns the path of the first. Where one is missing the test that asked fails when
 * CI=true, and elsewhere is skipped with a line that the runner counts. Call it inside a test or a `before` hook.
 */
export function requireTool(...names: readonly [string, ...string[]]): string {
  const paths = names.map((name) => {
    const path = findTool(name);
    if (path === undefined) throw new MissingTool(name);
    return path;
  });
  return paths[0] as string;
}

/** The path of a command on PATH or in the system's sbin folders, when there is one. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Debian's own, with jsonschema beside it. What a version manager puts before it on PATH takes ten times as long to start. */
export const PYTHON = "/usr/bin/python3";

/** A new empty directory, by its real path, removed with all its contents when the process ends. */
export function tmp(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "t-")));
  temporaryDirectories.push(directory);
  return directory;
}

export function isCI(): boolean {
  return process.env["CI"] === "true";
}

const temporaryDirectories: string[] = [];
const unfinished = new Set<string>();

process.on("exit", () => {
  for (const directory of temporaryDirectories) rmSync(directory, { recursive: true, force: true });
  for (const name of unfinished) {
    console.error(`The suite "${name}" never ran: call test.run() at the end of its file.`);
    process.exitCode = 1;
  }
});

/** Runs a body and makes every way of failing an Error: other values, an undefined rejection, no end in time. */
async function settle(body: TestBody, usual: number, what: string): Promise<void> {
  const limit = IS_THOROUGH ? usual * 10 : usual;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end within ${limit} ms`)), limit);
  });
  try {
    await Promise.race([(async () => body())(), deadline]);
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    throw new Error(`${what} threw a value that is no Error: ${String(thrown)}`, { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}

class MissingTool extends Error {
  constructor(tool: string) {
    super(`The command "${tool}" is not installed (scripts/setup-test-host.sh installs it)`);
    this.name = "MissingTool";
  }
}

// scripts/test.ts counts these lines and takes them out of what passed.
function reportSkip(testName: string, failure: MissingTool): void {
  process.stdout.write(`\n  SKIPPED "${testName}": ${failure.message}\n`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
