/** One hostile input, how it has to end, and what holds of every one of them. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ImageDslError, type ErrorCode } from "../../core/index.ts";
import { requireTool, tmp } from "../harness.ts";
import { processesWith } from "../core/run/script-fixture.ts";
import { cpuOfGroup } from "../e2e/cpu-time.ts";
import { CLI } from "../e2e/support.ts";

export interface Attack {
  /** What is tried. */
  readonly name: string;
  /** Writes the input into the project's folder; the file `secret` of the host lies beside that. */
  make(folder: string): void;
  /** The image: an expression of the config, which has imported all of image-dsl; in it `SECRET` is that file's path. */
  readonly image: string;
  /** Default: a docker archive `out.tar`. */
  readonly outputs?: readonly string[];
  /** Variables of the builder's; in them `ABOVE` is the folder that the project's lies in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly ends: Refused | Made | Interrupted;
  /** It hardly does anything but wait: it is begun before all others, and judged in its turn. */
  readonly waits?: true;
}

/** An error with this code, in which all of this stands. */
export interface Refused {
  readonly code: ErrorCode;
  readonly says: readonly (string | RegExp)[];
}

/** The image is made; what is told has all of this in it. */
export interface Made {
  readonly told: readonly (string | RegExp)[];
  /** A text of one of its files. */
  readonly holds?: string;
}

/** It has no end that anybody would wait for. */
export interface Interrupted {
  /** Whether it has come to what takes so long; `work` is the cache's folder for what is under way. */
  isUnderWay(work: string): boolean;
}

/** Of an honest image, the least that a build takes. */
export interface Cost {
  /** Seconds of the processors. */
  readonly cpu: number;
  /** MiB, of the largest process. */
  readonly memory: number;
}

/** MiB. */
const MOST_MEMORY = 400;
/** Times what an honest input takes. */
const MOST_CPU = 20;
/** Times what an honest input takes: there is something to be interrupted. */
const LONG = 2.5;
/** A second is promised after Ctrl-C. Of processor time, which is nearly the same however much else the machine does. */
const MOST_CPU_AFTER_INTERRUPT = 2;
/** Milliseconds, of an attack that has to be told of as one without an end. */
const LONGEST = 120_000;
/** Characters of what is told. */
const MOST_TOLD = 6000;

const CANARY = "canary-3f1c9a52";
/** Seconds that a process sleeps which a script leaves behind: nobody else's has that number. */
export const LEFT_BEHIND = "34159265";

/** Runs an attack in a folder of its own, and asserts what holds of it and of all. `honest`: a build of what nobody minds; `begun`: its own. */
export async function withstand(attack: Attack, honest: Cost, begun?: Promise<Ran>): Promise<void> {
  const { ends, name } = attack;
  if ("isUnderWay" in ends) return endsAtOnce(attack, ({ work }) => ends.isUnderWay(work));
  const ran = await (begun ?? build(attack));
  const { told, status, cost, out } = ran;
  if ("code" in ends) {
    assert.is(status, new ImageDslError(ends.code, "").exitStatus, `${name}: ${told}`);
    assert.match(told, new RegExp(`^ {2}${ends.code}$`, "m"), `${name}: ${told}`);
  } else assert.is(status, 0, `${name}: ${told}`);
  for (const each of "code" in ends ? ends.says : ends.told) assert.match(told, each, `${name}: ${told}`);
  assertHarmless(attack, ran);
  if (!("code" in ends)) {
    const image = readFileSync(out);
    assert.not.ok(image.includes(CANARY), `${name}: a file of the host is in the image`);
    assert.ok(image.includes(ends.holds ?? ""), `${name}: ${ends.holds} is not in the image`);
  }
  assert.ok(cost.cpu < MOST_CPU * honest.cpu, `${name}: ${cost.cpu} s, an honest one ${honest.cpu} s`);
  if (cost.cpu > LONG * honest.cpu) await endsAtOnce(attack, ({ cpu }) => cpu() > cost.cpu / 2, status);
}

/** Interrupts it where `isThere` says, which is looked at now and then. `own`: how it ends by itself, which may be as soon. */
async function endsAtOnce(attack: Attack, isThere: (running: Running) => boolean, own?: number | null): Promise<void> {
  let before: number | undefined;
  const ran = await build(attack, (running) => {
    if (before !== undefined || !isThere(running)) return;
    before = running.cpu();
    running.interrupt();
  });
  // It may have come to its end by itself.
  if (ran.status !== 130 && before === undefined) return;
  assert.ok(ran.status === 130 || ran.status === own, `${attack.name}, interrupted: ${ran.status}, ${ran.told}`);
  const took = ran.cost.cpu - before!;
  assert.ok(took < MOST_CPU_AFTER_INTERRUPT, `${attack.name}: ${took} s after Ctrl-C`);
  assertHarmless(attack, ran);
}

/** However it ended. */
function assertHarmless({ name }: Attack, { told, status, cost, secret, out, wasThere, work }: Ran): void {
  assert.ok(cost.memory < MOST_MEMORY, `${name}: ${cost.memory} MiB`);
  assert.ok(told.length < MOST_TOLD, `${name}: ${told.length} characters are told`);
  // oxlint-disable-next-line no-control-regex -- what a terminal would obey
  assert.not.match(told, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/, name);
  assert.not.match(told, CANARY, name);
  assert.is(readFileSync(secret, "utf8"), CANARY, name);
  assert.is(existsSync(out), status === 0 || wasThere, `${name}: half of an image`);
  assert.equal(readdirSync(work), [], name);
  assert.equal(processesWith(LEFT_BEHIND), [], name);
}

/** A build that still runs. */
export interface Running {
  /** The cache's folder for what is under way. */
  readonly work: string;
  /** Seconds that it has taken. */
  cpu(): number;
  interrupt(): void;
}

export interface Ran {
  readonly status: number | null;
  /** Both of its streams. */
  readonly told: string;
  readonly cost: Cost;
  readonly secret: string;
  readonly out: string;
  /** Whether `out` was there before. */
  readonly wasThere: boolean;
  readonly work: string;
}

/** Builds what is given; `watch` is called again and again until the end. */
export async function build(
  { make, image, outputs = ["docker-archive:out.tar"], env = {} }: Pick<Attack, "make" | "image" | "outputs" | "env">,
  watch: (running: Running) => void = () => {},
): Promise<Ran> {
  const parent = tmp();
  const [folder, secret, figures, cache] = ["project", "secret", "figures", "cache"].map((name) =>
    join(parent, name),
  ) as [string, string, string, string];
  const work = join(cache, "tmp");
  for (const each of [folder, work]) mkdirSync(each, { recursive: true, mode: 0o700 });
  writeFileSync(secret, CANARY);
  make(folder);
  const out = join(folder, "out.tar");
  const wasThere = existsSync(out);
  const config = `import * as dsl from "image-dsl";\nexport default ${image.replaceAll("SECRET", secret)};\n`;
  writeFileSync(join(folder, "image.config.mjs"), config);
  const command = [
    process.execPath,
    CLI,
    "build",
    "--arg",
    `canary=${CANARY}`,
    ...outputs.flatMap((output) => ["-o", output]),
  ];
  const child = spawn(requireTool("time"), ["-q", "-o", figures, "-f", "%U %S %M", ...command], {
    cwd: folder,
    env: {
      ...process.env,
      IMAGE_DSL_CACHE: cache,
      SECRET: CANARY,
      ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value.replaceAll("ABOVE", parent)])),
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let told = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (told += text));
  const running: Running = {
    work,
    cpu: () => cpuOfGroup(child.pid!) / 1000,
    // `time` itself goes on.
    interrupt: () => void process.kill(-child.pid!, "SIGINT"),
  };
  const timer = setInterval(() => watch(running), 20);
  const last = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), LONGEST);
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(timer);
  clearTimeout(last);
  const [user, system, kilobytes] = readFileSync(figures, "utf8").trim().split(" ").map(Number) as [
    number,
    number,
    number,
  ];
  const cost = { cpu: user + system, memory: kilobytes / 1024 };
  return { status, told, cost, secret, out, wasThere, work };
}
