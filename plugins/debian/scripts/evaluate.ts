/**
 * Maintainer scripts on paper: what preinst (`install`) and postinst (`configure` with an empty version) of each
 * package would have done to the tree: all of it that is unpacked by then, preinst without its own package's files. What
 * cannot be evaluated exactly is taken back package by package, but for accounts, and said so.
 */
import type { FileTree, Pausing } from "../../../core/index.ts";
import { type Apart, leadInto, lookout, type Lookout } from "./apart.ts";
import { type AccountOfWork, countStep, countWork } from "./account-of-work.ts";
import { type PinnedIDs, createAccounts } from "./accounts.ts";
import { type Answers, createDebconf } from "./debconf.ts";
import { type Change, applyChanges, entriesPut } from "./changes.ts";
import { createFileSystem } from "./file-system.ts";
import { interpreterFor, runToEnd } from "./shell/interpret.ts";
import { dialectOf, scriptParser } from "./shell/parse.ts";
import { NotCovered, type Shell, type Source, lineOf } from "./shell/state.ts";
import { newShell } from "./script-shell.ts";
import { controlText, interestedIn } from "./control-member.ts";
import { type Problem, placeOf, refusalOf } from "./problem.ts";
import { leftOutPackages } from "./left-out-packages.ts";
import { releaseOf } from "./release.ts";
import { shippedFiles } from "./shipped-files.ts";
import type { ScriptNote, ScriptPackage, World } from "./world.ts";

export interface ScriptsInput {
  /** The merged tree, each entry with its node's id as origin, the skeleton's passwd and group in it. */
  readonly tree: FileTree;
  /** In the order in which dpkg would configure them: see `configureOrder`. */
  readonly packages: readonly ScriptPackage[];
  /** dpkg's name of the image's architecture. */
  readonly architecture: string;
  /** The packages' suite: its tools are those that the scripts run. */
  readonly suite: string;
  /** The user's answers to debconf's questions. */
  readonly answers?: Answers;
  /** Ids from the lock, to be given again. */
  readonly pinned?: PinnedIDs;
  /** Directories of which it is told whether they matter. */
  readonly apart?: Apart;
}

export interface ScriptsResult {
  /** The tree afterwards. New and replaced entries have the origin `image`. */
  readonly tree: FileTree;
  readonly changes: readonly Change[];
  /** Users and groups that the scripts made, for the lock. */
  readonly ids: PinnedIDs;
  /** One for each script there is, in order. */
  readonly coverage: readonly ScriptCoverage[];
  readonly notes: readonly ScriptNote[];
  /** Whether what lies apart may have mattered. */
  readonly needsApart: boolean;
}

export interface ScriptCoverage {
  /** The package's id. */
  readonly package: string;
  /** `triggers`: the postinst once more, for what other packages' scripts set off. */
  readonly script: "preinst" | "postinst" | "triggers";
  readonly covered: boolean;
  /** The line of the script at fault, and why it cannot be evaluated. */
  readonly line?: number;
  readonly reason?: string;
}

/** Pauses between scripts. */
export function* evaluateScripts(input: ScriptsInput): Pausing<ScriptsResult> {
  const look = lookout(input.apart ?? new Set());
  const evaluation = startEvaluation(input, look);
  const { accounts, files } = evaluation.world;
  const before = {
    users: new Set(accounts.users().map((user) => user.name)),
    groups: new Set(accounts.groups().map((group) => group.name)),
  };
  const coverage: ScriptCoverage[] = [];
  for (const subject of input.packages) {
    coverage.push(...(yield* evaluatePackage(subject, evaluation)));
  }
  files.unpackUntil(Infinity);
  coverage.push(...(yield* processTriggers(coverage, input.packages, evaluation)));
  evaluation.current.work = 0;
  const changes = files.changes();
  const madeUsers = accounts.users().filter((user) => !before.users.has(user.name));
  const madeGroups = accounts.groups().filter((group) => !before.groups.has(group.name));
  return {
    tree: applyChanges(input.tree, changes),
    changes,
    ids: {
      users: Object.fromEntries(madeUsers.map(({ name, uid, gid }) => [name, { uid, gid }])),
      groups: Object.fromEntries(madeGroups.map(({ name, gid }) => [name, gid])),
    },
    coverage,
    notes: evaluation.notes,
    // A script that is left out counts by what it names, wherever that is.
    needsApart: look.hasSeen || leadInto(look.apart, entriesPut(changes)) || coverage.some(({ covered }) => !covered),
  };
}

/** What changes while packages are gone through. */
interface Evaluation {
  readonly world: World;
  readonly notes: ScriptNote[];
  /** Packages whose turn has come. */
  readonly configured: Set<string>;
  /** Activated triggers by package. */
  readonly pending: Map<string, Set<string>>;
  current: AccountOfWork & {
    readonly subject: ScriptPackage;
    readonly script: string;
    configured: boolean;
    shell?: Shell;
  };
}

function startEvaluation(input: ScriptsInput, look: Lookout): Evaluation {
  const spend = (units: number) => countWork(evaluation.current, units);
  const turns = new Map(input.packages.map(({ id, turn }) => [id, turn?.unpacked ?? 0]));
  const files = createFileSystem(input.tree, spend, (origin) => turns.get(origin ?? "") ?? 0, look);
  const shipped = shippedFiles(input.tree);
  const evaluation: Evaluation = {
    notes: [],
    configured: new Set(),
    pending: new Map(),
    current: {
      subject: { id: "", name: "", version: "", architecture: "", control: new Map() },
      script: "",
      steps: 0,
      work: 0,
      configured: true,
    },
    world: {
      files,
      accounts: createAccounts(files, input.pinned ?? { users: {}, groups: {} }, spend),
      debconf: createDebconf(() => runConfig(evaluation), input.answers ?? {}),
      packages: input.packages,
      architecture: input.architecture,
      release: releaseOf(input.suite, input.packages),
      shippedBy: (origin) => shipped().get(origin) ?? [],
      note(kind, text) {
        const { subject, shell, script } = evaluation.current;
        const isOwn = shell && shell.source.name === script && shell.position >= 0;
        if (isOwn) spend(shell.source.text.length);
        const line = isOwn ? lineOf(shell.source, shell.position) : 1;
        evaluation.notes.push({ package: subject.id, script, line, kind, text });
      },
      current: () => evaluation.current.subject,
      isConfigured: (id) => evaluation.configured.has(id) && id !== evaluation.current.subject.id,
      leftOut: leftOutPackages(input.tree, spend),
      activateTrigger(name) {
        for (const { id } of interestedIn(name, input.packages)) {
          if (!evaluation.configured.has(id)) continue;
          evaluation.pending.set(id, new Set([...(evaluation.pending.get(id) ?? []), name]));
        }
      },
      step: () => countStep(evaluation.current),
      spend,
      parse: scriptParser(spend),
    },
  };
  return evaluation;
}

const SCRIPTS = ["preinst", "postinst"] as const;

function* evaluatePackage(subject: ScriptPackage, evaluation: Evaluation): Pausing<readonly ScriptCoverage[]> {
  evaluation.configured.add(subject.id);
  const present = SCRIPTS.filter((script) => subject.control.has(script));
  if (present.length === 0) return [];
  const { files, debconf } = evaluation.world;
  files.unpackUntil(subject.turn?.configured ?? Infinity);
  const mark = files.mark();
  const notes = evaluation.notes.length;
  const restore = debconf.snapshot();
  let problem: Problem | undefined;
  for (const script of present) {
    evaluation.current = { subject, script, steps: 0, work: 0, configured: script !== "postinst" };
    const parameters = script === "preinst" ? ["install"] : ["configure", ""];
    problem = runScript(script, parameters, evaluation, mark);
    yield;
    if (problem) break;
  }
  if (!problem) return present.map((script) => ({ package: subject.id, script, covered: true }));
  evaluation.world.leftOut.add(subject);
  files.rollBack(mark);
  restore();
  evaluation.notes.length = notes;
  const { script: culprit, ...place } = problem;
  return present.map((script) => ({
    package: subject.id,
    script,
    covered: false,
    ...(script === culprit ? place : { reason: `left out with ${culprit}` }),
  }));
}

const MAX_TRIGGER_ROUNDS = 10;

/** Triggers that scripts set off by name, for packages configured before: files' own are covered by configuring. */
function* processTriggers(
  done: readonly ScriptCoverage[],
  packages: readonly ScriptPackage[],
  evaluation: Evaluation,
): Pausing<readonly ScriptCoverage[]> {
  const leftOut = new Set(done.filter((item) => !item.covered).map((item) => item.package));
  const coverage: ScriptCoverage[] = [];
  for (let round = 0; round < MAX_TRIGGER_ROUNDS && evaluation.pending.size > 0; round++) {
    for (const subject of packages) {
      const names = evaluation.pending.get(subject.id);
      evaluation.pending.delete(subject.id);
      if (!names || leftOut.has(subject.id)) continue;
      const mark = evaluation.world.files.mark();
      const notes = evaluation.notes.length;
      const restore = evaluation.world.debconf.snapshot();
      evaluation.current = { subject, script: "postinst", steps: 0, work: 0, configured: true };
      const problem = runScript("postinst", ["triggered", [...names].join(" ")], evaluation, mark);
      if (problem) {
        evaluation.world.files.rollBack(mark);
        restore();
        evaluation.notes.length = notes;
      }
      const where = problem && {
        ...(problem.line === undefined ? {} : { line: problem.line }),
        reason: problem.reason,
      };
      coverage.push({ package: subject.id, script: "triggers", covered: !problem, ...where });
      yield;
    }
  }
  return coverage;
}

function runScript(
  script: "preinst" | "postinst",
  parameters: readonly string[],
  evaluation: Evaluation,
  mark: number,
): Problem | undefined {
  const { files, debconf } = evaluation.world;
  const { subject } = evaluation.current;
  try {
    debconf.load(controlText(subject, "templates") ?? "");
    if (script === "preinst") files.hide(subject.id);
    try {
      runControlScript(script, parameters, evaluation);
    } finally {
      if (script === "preinst") files.unhide(mark);
    }
    return undefined;
  } catch (error) {
    const problem = refusalOf(error, evaluation.current.shell);
    if (!problem) throw error;
    return { script, ...placeOf(problem, script) };
  }
}

/**
 * The package's config script, which debconf runs before the first question of a postinst. All it may do is to ask and
 * to answer, so one that cannot be evaluated matters only to those that ask for an answer. Where it is no shell script, a
 * user who answers any of its questions says so what the answers are: the others keep their defaults.
 */
function runConfig(evaluation: Evaluation): void {
  const { current } = evaluation;
  if (current.configured) return;
  current.configured = true;
  const text = controlText(current.subject, "config");
  if (text === undefined) return;
  const templates = controlText(current.subject, "templates") ?? "";
  if (!dialectOf(text) && evaluation.world.debconf.isAnswered(templates)) return;
  const { files, debconf } = evaluation.world;
  const mark = files.mark();
  const notes = evaluation.notes.length;
  const { shell } = current;
  try {
    runControlScript("config", ["configure", ""], evaluation);
  } catch (error) {
    const problem = refusalOf(error, evaluation.current.shell);
    if (!problem) throw error;
    files.rollBack(mark);
    evaluation.notes.length = notes;
    if (shell) current.shell = shell;
    debconf.forget(templates, problem);
  }
}

function runControlScript(script: string, parameters: readonly string[], evaluation: Evaluation): void {
  const { subject } = evaluation.current;
  const text = controlText(subject, script)!;
  const dialect = dialectOf(text);
  if (!dialect) throw new NotCovered(`${script} is not written for sh`);
  const source: Source = { name: script, text, dialect };
  const shell = newShell(subject, source, parameters);
  const outer = evaluation.current.shell;
  evaluation.current.shell = shell;
  const status = runToEnd(evaluation.world.parse(source), interpreterFor(shell, evaluation.world, 0));
  if (outer) evaluation.current.shell = outer;
  if (status !== 0) {
    const failed = new NotCovered(`${script} ends with status ${status}`);
    failed.addPlace(source, Math.max(shell.position, 0));
    throw failed;
  }
}
