/**
 * A commit's files by git: fetched alone where the repository allows that, else with all branches and tags. Of the user's own settings of git
 * those hold that say how a repository is reached (`insteadOf`, credentials); what is checked out depends on the commit alone.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  beyond,
  isWithin,
  isWithinRatio,
  redactText,
  runProgram,
  userEnvironment,
  type LimitName,
} from "../../../core/index.ts";
import { gitError, shownRepository } from "./git-error.ts";

export interface CommitPlace {
  /** The package's, for messages. */
  readonly name: string;
  readonly repository: string;
  readonly commit: string;
}

/** Into `directory`, which is empty. Gives why the repository cannot be reached, where it cannot. Throws `E_NPM_GIT`, `E_TOOL_MISSING`, `E_ABORTED`. */
export async function checkOut(
  place: CommitPlace,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const git = gitIn(directory, signal);
  const { name, repository, commit } = place;
  await git(["init", "--quiet", "--template="]);
  const fetched = (...what: readonly string[]) =>
    withinLimit(place, directory, signal, (until) => gitIn(directory, until)(["fetch", ...FETCH, ...what], REACHING));
  const alone = await fetched("--depth=1", "--", repository, commit);
  if (alone.code !== 0) {
    const all = await fetched("--", repository, ...EVERYTHING);
    if (all.code !== 0) return lastLine(all.stderr);
  }
  if ((await git(["rev-parse", "--verify", "--quiet", `${commit}^{commit}`])).code !== 0) {
    throw gitError(
      `${name}: there is no commit ${commit} in ${shownRepository(repository)}`,
      "Was it rewritten? Let the package manager ask for the branch or tag anew, which writes the lock anew",
    );
  }
  await refuseTooLarge(place, directory, signal);
  const { code, stderr } = await git(["checkout", "--quiet", "--detach", "--force", commit], ALIKE_EVERYWHERE);
  if (code !== 0) throw gitError(`${name}: git cannot check out ${commit}: ${lastLine(stderr)}`, REPORT);
  if (existsSync(join(directory, ".gitmodules"))) throw submodules(place);
  // Its log says who uses this machine, and a package can name it among its files.
  await rm(join(directory, ".git"), { recursive: true, force: true });
  return undefined;
}

const REPORT = "See whether git clone and git checkout do, and which files the commit has";
const FETCH = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"];
const EVERYTHING = ["+refs/heads/*:refs/remotes/all/*", "+refs/tags/*:refs/tags/*"];
/** No programs but those that reach it, nothing that hangs, and no protocol but those that a lock may name. */
const REACHING: GitSettings = {
  config: [
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
    ...["https", "http", "ssh", "git", "file"].map((name) => `protocol.${name}.allow=always`),
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
    // A pack stays one, whose size is known.
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "maintenance.auto=false",
  ],
  env: { GIT_TERMINAL_PROMPT: "0" },
};
/** No filters, attributes or line ends of this machine's. */
const ALIKE_EVERYWHERE: GitSettings = {
  config: ["core.hooksPath=/dev/null", "core.autocrlf=false", "core.fsmonitor=false"],
  env: {
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    XDG_CONFIG_HOME: "/dev/null",
  },
};

interface GitSettings {
  readonly config: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface GitResult {
  readonly code: number | null;
  readonly stderr: string;
}

/** `onLine` gets the lines of stdout. */
type Git = (args: readonly string[], settings?: GitSettings, onLine?: (line: string) => void) => Promise<GitResult>;

/** In which a repository is found, or what is done with it: set where we run in a hook of git's. */
const OF_ANOTHER_REPOSITORY =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX|SHALLOW_FILE|GRAFT_FILE)$/;

function gitIn(cwd: string, signal: AbortSignal): Git {
  const inherited = Object.entries(userEnvironment()).filter(([name]) => !OF_ANOTHER_REPOSITORY.test(name));
  return async (args, { config, env } = ALIKE_EVERYWHERE, onLine = () => {}) => {
    const { code, stderr } = await runProgram("git", [...config.flatMap((each) => ["-c", each]), ...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), LC_ALL: "C", ...env },
      signal,
      onLine: (line, stream) => void (stream === "stdout" && onLine(line)),
    });
    return { code, stderr };
  };
}

/** Git has no limit of its own for what it fetches. */
async function withinLimit(
  { name, repository }: CommitPlace,
  directory: string,
  signal: AbortSignal,
  work: (until: AbortSignal) => Promise<GitResult>,
): Promise<GitResult> {
  const account = accountOf(`${name}: ${shownRepository(repository)}`);
  const look = (): void => account.require("unpack.bytes", isWithin("unpack.bytes", packBytes(directory)));
  const timer = setInterval(look, LOOK_EVERY);
  try {
    return await account.until(signal, async (until) => {
      const result = await work(until);
      look();
      return result;
    });
  } finally {
    clearInterval(timer);
  }
}

interface GitAccount {
  /** Where it is not fine, what goes on is ended. */
  require(name: LimitName, isFine: boolean): void;
  /** Throws `E_NPM_GIT` where it was ended. */
  until<Result>(signal: AbortSignal, work: (until: AbortSignal) => Promise<Result>): Promise<Result>;
}

/** `subject` begins the sentence of the error. */
function accountOf(subject: string): GitAccount {
  const full = new AbortController();
  let over: LimitName | undefined;
  return {
    require(name, isFine) {
      if (isFine) return;
      over ??= name;
      full.abort();
    },
    async until(signal, work) {
      try {
        const result = await work(AbortSignal.any([signal, full.signal]));
        if (over === undefined) return result;
      } catch (cause) {
        if (signal.aborted || over === undefined) throw cause;
      }
      throw gitError(`${subject} has ${beyond(over)}`, REPORT);
    },
  };
}

/** In milliseconds. */
const LOOK_EVERY = 500;

function packBytes(directory: string): number {
  const packs = join(directory, ".git/objects/pack");
  const names = existsSync(packs) ? readdirSync(packs) : [];
  const sizes = names.map((name) => statSync(join(packs, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A folder that a commit has again and again is one in the pack, and so is a file. */
async function refuseTooLarge({ name, commit }: CommitPlace, directory: string, signal: AbortSignal): Promise<void> {
  const account = accountOf(`${name}: ${commit}`);
  let [files, bytes] = [0, 0];
  const count = (line: string): void => {
    bytes += Number(/^\d+ blob \S+ +(\d+)\t/.exec(line)?.[1] ?? 0);
    account.require("tar.entries", isWithin("tar.entries", ++files));
    account.require("unpack.bytes", isWithin("unpack.bytes", bytes));
  };
  const list = ["ls-tree", "-r", "--long", commit];
  await account.until(signal, async (until) => {
    await gitIn(directory, until)(list, ALIKE_EVERYWHERE, count);
    account.require("unpack.ratio", isWithinRatio(packBytes(directory), bytes));
  });
}

function submodules({ name, repository }: CommitPlace): Error {
  return gitError(
    `${name}: ${shownRepository(repository)} has submodules, which are not fetched`,
    "Depend on a published version, or on a tarball of it",
  );
}

/** What git says of why. */
function lastLine(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  return redactText(lines.find((line) => line.startsWith("fatal:")) ?? lines.at(-1) ?? "it says nothing").slice(0, 300);
}
